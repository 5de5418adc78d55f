#pragma once

#include "haiga/checkpoint/architecture.hpp"
#include "haiga/checkpoint/lora/family.hpp"
#include "haiga/checkpoint/lora/merge.hpp"
#include "haiga/checkpoint/lora/read.hpp"
#include "haiga/checkpoint/model_values.hpp"
#include "haiga/checkpoint/tensor_file.hpp"

namespace haiga::checkpoint {

struct lora_choice {
    std::filesystem::path file;
    double weight = 1;
};

/// LoRAs that are added to a model while it is written, in their order.
class lora_set {
public:
    /// Errors: those of tensor_file, lora_family and read_lora; mismatch for a LoRA of another
    ///         family. They name the file.
    [[nodiscard]] static auto open(std::span<lora_choice const> choices, architecture const& model,
                                   std::span<key_row const> rows) -> result<lora_set>
    {
        lora_set set;
        if (choices.empty()) {
            return set;
        }
        HAIGA_TRY(auto const names, lora_names::of(rows));
        for (auto const& choice : choices) {
            auto const named = [&](failure&& f) {
                return std::move(f).within(choice.file.string());
            };
            HAIGA_TRY(auto file, tensor_file::open(choice.file));
            HAIGA_TRY(auto const family, lora_family(file.tensors()).map_error(named));
            if (model.family != family) {
                return fail(errc::mismatch, choice.file.string(), ": a LoRA for ",
                            to_string(family), ", the model is ",
                            model.family ? to_string(*model.family) : "of no family");
            }
            HAIGA_TRY(auto read,
                      read_lora(file.tensors(), file.metadata(), names).map_error(named));
            set.loras_.push_back({std::move(file), std::move(read), choice.weight});
        }
        return set;
    }

    /// The set has to outlive them.
    [[nodiscard]] auto edits(parallelism team = parallelism::all_cores()) const -> weight_edits
    {
        weight_edits edits;
        for (auto const& one : loras_) {
            for (auto const& adapter : one.adapters.adapters) {
                edits.tensors.insert(adapter.target.weight);
            }
        }
        edits.edit = [this, team](key_row const& row, std::span<float> values) -> result<> {
            for (auto const& one : loras_) {
                if (auto const* const adapter = one.adapters.find(row.diffusers)) {
                    add_lora(values, row, naming::diffusers, *adapter, one.weight, team);
                }
            }
            return {};
        };
        return edits;
    }

private:
    struct weighted {
        tensor_file file;
        lora adapters;
        double weight;
    };

    std::vector<weighted> loras_;
};

} // namespace haiga::checkpoint

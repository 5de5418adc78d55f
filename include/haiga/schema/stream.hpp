#pragma once

#include "haiga/schema/evaluate.hpp"
#include "haiga/schema/report.hpp"
#include "haiga/schema/stream_judge.hpp"
#include "haiga/schema/stream_text.hpp"
#include "haiga/schema/stream_value.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haiga::schema {

enum class stream_state : std::uint8_t {
    open,     ///< may still become valid
    complete, ///< a whole document, and valid; only blanks may follow
    failed,   ///< whatever follows, it is not valid
    refused,  ///< a limit ended the reading: nobody knows
};

/// Why a stream failed or was refused.
struct stream_failure {
    std::size_t offset = 0; ///< the first byte that decided it
    std::string instance;   ///< JSON pointer to the value that is wrong
    std::string schema;     ///< URI and pointer of the keyword; empty where the text is no JSON
    std::string expected;   ///< in words

    [[nodiscard]] auto message() const -> std::string
    {
        return concat("at byte ", offset, ", in \"", instance, "\": ", expected);
    }
};

struct stream_limits {
    std::size_t max_bytes = std::size_t{1} << 28U;
    std::size_t max_depth = 64;
    evaluation_limits evaluation = {};
};

/// Judges a document, such as the arguments of a tool call, while its bytes arrive.
///
/// feed() takes pieces of any size, cut anywhere, and says after each how the document stands.
/// `failed` is sound: no continuation is valid. It comes at the first byte that decides it for what
/// docs/streaming-validation.md lists; all else is decided when the value ends that it speaks of,
/// and references that depend on how they were reached when the document ends. `complete` is the
/// verdict of validator::accepts() on the document. A key that occurs twice in an object fails, for
/// the first of its values has been handed out.
///
/// Cost: linear in the bytes, whatever the pieces; as validating, besides what reading takes.
class stream_validator {
public:
    /// `p` must live as long as this does.
    explicit stream_validator(program const& p, stream_limits limits = {})
        : p_(p), limits_(limits), judge_(p, scratch_, limits.evaluation), sink_(*this),
          reader_(sink_)
    {
        note_failure(); // a schema may allow nothing
    }
    stream_validator(stream_validator const&) = delete;
    auto operator=(stream_validator const&) -> stream_validator& = delete;

    /// Begins anew, for another document.
    void restart()
    {
        state_ = stream_state::open;
        why_.reset();
        refused_.reset();
        value_ = {};
        judge_.restart();
        reader_ = detail::text_reader<events>(sink_);
        note_failure();
    }

    auto feed(std::string_view piece) -> stream_state
    {
        if (state_ != stream_state::open && state_ != stream_state::complete) {
            return state_;
        }
        if (piece.size() > limits_.max_bytes - reader_.offset()) {
            return refuse(concat("at most ", limits_.max_bytes, " bytes are read"));
        }
        reader_.feed(piece);
        return conclude();
    }

    /// The text has ended: open is no answer any more.
    auto finish() -> stream_state
    {
        if (state_ == stream_state::open) {
            reader_.finish();
            conclude();
        }
        return state_;
    }

    [[nodiscard]] auto state() const -> stream_state { return state_; }
    [[nodiscard]] auto why() const -> std::optional<stream_failure> const& { return why_; }
    /// Bytes read, up to and with the one that decided.
    [[nodiscard]] auto offset() const -> std::size_t { return reader_.offset(); }

    /// What has arrived: strings as far as they go, numbers and literals when they are whole; null
    /// before anything has.
    [[nodiscard]] auto partial() const -> boost::json::value const& { return value_.root(); }

    /// The pointer to the innermost value that is not whole yet; it and what holds it may still
    /// change. All other values of partial() are final. Nothing where all are.
    [[nodiscard]] auto open_value() const -> std::optional<std::string>
    {
        return reader_.is_whole() ? std::nullopt : std::optional(judge_.pointer());
    }

    /// Whether the value at a pointer into partial() will not change any more.
    [[nodiscard]] auto is_final(std::string_view pointer) const -> bool
    {
        auto const open = open_value();
        return !open || !(open->starts_with(pointer) &&
                          (open->size() == pointer.size() || (*open)[pointer.size()] == '/'));
    }

private:
    /// Hands on what the reader finds: to the value, and to the judge.
    class events {
    public:
        explicit events(stream_validator& to) : to_(to) {}

        [[nodiscard]] auto stopped() const -> bool { return to_.why_.has_value(); }
        void begin_object()
        {
            begin([&] { judge().begin_object(); }, boost::json::object_kind);
        }
        void begin_array()
        {
            begin([&] { judge().begin_array(); }, boost::json::array_kind);
        }
        void begin_string()
        {
            begin([&] { judge().begin_string(); }, boost::json::string_kind);
        }
        void end_object() { end(); }
        void end_array() { end(); }
        void end_string() { end(); }
        void begin_literal(char c)
        {
            literal_ = c == 'n' ? boost::json::value(nullptr) : boost::json::value(c == 't');
            begin_scalar([&] { judge().begin_literal(literal_); });
        }
        void end_literal()
        {
            value().add(literal_);
            end();
        }
        void begin_number(char c)
        {
            begin_scalar([&] { judge().begin_number(c == '-'); });
        }
        void end_number(std::string_view text)
        {
            auto number = detail::number_of(text);
            if (!number) {
                to_.fail_text("a number that a double can hold");
                return;
            }
            value().add(*std::move(number));
            end();
        }
        void begin_key() { value().begin_key(); }
        void end_key() { to_.end_key(); }
        void comma() { to_.begin_next(); }
        auto text(std::string_view piece) -> std::size_t
        {
            if (value().is_in_key()) {
                value().append(piece);
                return piece.size();
            }
            auto const read = judge().text(piece);
            value().append(piece.substr(0, whole_characters(piece, read)));
            to_.note_failure();
            return read;
        }

    private:
        auto judge() -> detail::stream_judge& { return to_.judge_; }
        auto value() -> detail::partial_value& { return to_.value_; }

        /// Bytes of whole characters among the first ones.
        static auto whole_characters(std::string_view piece, std::size_t bytes) -> std::size_t
        {
            while (bytes > 0 && bytes < piece.size() &&
                   (static_cast<unsigned char>(piece[bytes]) & 0xc0U) == 0x80) {
                --bytes;
            }
            return bytes;
        }

        template <class Judge>
        void begin_scalar(Judge const& ask)
        {
            to_.begin_first_element();
            if (!stopped()) {
                ask();
                to_.note_failure();
            }
        }

        template <class Judge, class Kind>
        void begin(Judge const& ask, Kind kind)
        {
            begin_scalar(ask);
            value().open(kind);
            to_.check_depth();
        }

        void end() { to_.end_value(); }

        stream_validator& to_;
        boost::json::value literal_;
    };

    // ---- between values

    /// The first element of an array has no comma before it.
    void begin_first_element()
    {
        if (value_.is_at_first_element()) {
            begin_next();
        }
    }

    /// Something must follow in the container: an element's level begins, a member's with its key.
    void begin_next()
    {
        judge_.expect_more(value_.is_in_object(), value_.size());
        if (!value_.is_in_object() && !judge_.failed()) {
            judge_.begin_element(value_.size());
            value_.begin_element();
        }
        note_failure();
    }

    void end_key()
    {
        if (value_.has_key()) {
            fail_text("no key twice in an object");
            return;
        }
        if (value_.size() == 0) {
            judge_.expect_more(true, 0);
        }
        if (!judge_.failed()) {
            judge_.begin_member(value_.key());
        }
        value_.end_key();
        note_failure();
    }

    void end_value()
    {
        judge_.end_value(value_.innermost());
        note_failure();
        if (why_) {
            return;
        }
        if (value_.close()) {
            judge_.end_child();
        } else {
            judge_whole();
        }
    }

    // ---- the verdict

    void check_depth()
    {
        if (!why_ && reader_.depth() > limits_.max_depth) {
            refused_ = concat("at most ", limits_.max_depth, " brackets within each other");
            why_.emplace();
        }
    }

    void note_failure()
    {
        if (!why_ && judge_.failed()) {
            auto const& blame = judge_.blame();
            auto const& i = p_.code[blame.at];
            why_.emplace();
            why_->instance = judge_.pointer(blame.depth);
            why_->schema = absolute_location(p_, blame.block);
            if (i.op != opcode::never) {
                json::append_token(why_->schema, name_of(i.word));
            }
            why_->expected = "expected " + expected_by(blame, i);
            state_ = stream_state::failed;
        }
    }

    auto expected_by(detail::formula_blame const& blame, instruction const& i) -> std::string
    {
        if (i.op == opcode::never && blame.depth > 0) {
            return judge_.is_member(blame.depth) ? "no such property" : "no such element";
        }
        auto const* at = value_.at_depth(blame.depth);
        bool const is_of_text = i.op == opcode::length || i.op == opcode::pattern ||
                                i.op == opcode::format || i.op == opcode::content;
        if (is_of_text && !at->is_string()) { // a name
            at = &scratch_.name;
        }
        return describe(p_, {at, none, blame.block, blame.at, none, none, blame.count, true, false})
            .expected;
    }

    void fail_text(std::string_view expected)
    {
        why_ = stream_failure{0, judge_.pointer(), {}, concat("expected ", expected)};
        state_ = stream_state::failed;
    }

    [[nodiscard]] auto last_byte() const -> std::size_t
    {
        return reader_.offset() - (reader_.offset() > 0 ? 1U : 0U);
    }

    auto refuse(std::string why) -> stream_state
    {
        why_ = stream_failure{last_byte(), judge_.pointer(), {}, std::move(why)};
        return state_ = stream_state::refused;
    }

    auto conclude() -> stream_state
    {
        if (reader_.why() != nullptr && !why_) {
            why_ = stream_failure{0, judge_.pointer(), {}, concat("no JSON: ", reader_.why())};
            state_ = stream_state::failed;
        }
        if (refused_) {
            return refuse(*refused_);
        }
        if (why_) {
            why_->offset = last_byte();
        }
        return state_;
    }

    void judge_whole()
    {
        auto const verdict = detail::evaluator<tracking::verdict>(p_, scratch_, limits_.evaluation)
                                 .run(value_.root());
        if (!verdict) {
            refused_ = verdict.error().to_string();
            why_.emplace();
        } else if (*verdict) {
            state_ = stream_state::complete;
        } else {
            why_ = violation_of_whole();
            state_ = stream_state::failed;
        }
    }

    auto violation_of_whole() -> stream_failure
    {
        stream_failure failure{0, {}, {}, "expected something else"};
        auto const noted = detail::evaluator<tracking::errors>(p_, scratch_, limits_.evaluation)
                               .run(value_.root());
        if (noted) {
            for (auto const& one : report(p_, scratch_.notes).violations(1)) {
                failure.instance = one.instance;
                failure.schema = one.absolute_location;
                failure.expected = "expected " + one.what.expected;
            }
        }
        return failure;
    }

    program const& p_;
    stream_limits limits_;
    evaluation_scratch scratch_;
    stream_state state_ = stream_state::open;
    std::optional<stream_failure> why_;
    std::optional<std::string> refused_;
    detail::partial_value value_;
    detail::stream_judge judge_;
    events sink_;
    detail::text_reader<events> reader_;
};

} // namespace haiga::schema

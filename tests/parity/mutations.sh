#!/bin/sh
# Plants faults, one at a time, in copies of headers, and expects the tests of the models to fail:
#
#     tests/parity/mutations.sh [NAME...]    ./dev parity mutations [NAME...]
#
# Each line of the list: a name, the header, sed's command, the tests of tests/model that are to see
# it. Where a header has kernels (nn/, device/), these are compiled with the fault, else the tests.
set -eu
cd "$(dirname "$0")/../.."
here=build/mutations
kernels=build/release/libhaiga_native_program.a # ./dev builds both
json=build/release/libhaiga_boost_json.a
compile="${CXX:-c++} -std=c++20 -w -fopenmp -isystem /usr/include/eigen3"

list() {
    cat <<'TEXT'
unet_resnet_eps|model/unet.hpp|s/\.norm = {\.groups = c\.norm_num_groups, \.eps = c\.norm_eps}/.norm = {.groups = c.norm_num_groups, .eps = 1e-6}/|unet_variants
unet_last_norm_eps|model/unet.hpp|s/eps = c\.norm_eps, \.silu = true/eps = 1e-6, .silu = true/|unet_variants
transformer_norm_eps|model/transformer_2d.hpp|s/\.eps = 1e-6})/.eps = 1e-5})/|unet_variants
layer_norm_eps|model/layers.hpp|s/double eps = 1e-5) -> value/double eps = 1e-6) -> value/|unet_variants
sines_first|model/unet.hpp|s/flip_sin_to_cos = c\.flip_sin_to_cos/flip_sin_to_cos = !c.flip_sin_to_cos/|unet_variants
freq_shift|model/unet.hpp|s/static_cast<float>(c\.freq_shift)/0/|unet
time_ids_before_text|model/unet.hpp|s/concat(g, in\.text_embeds, times)/concat(g, times, in.text_embeds)/|unet_variants
added_condition_for_time|model/unet.hpp|s/sum = device::add(g, sum, time_embedding(at \/ "add_embedding"/sum = (time_embedding(at \/ "add_embedding"/|unet_variants
class_for_time|model/unet.hpp|s/sum = device::add(g, sum, class_embedding(/sum = (class_embedding(/|unet_variants
class_sinusoids|model/unet.hpp|s/? sinusoids(at, labels, c\.block_out_channels\[0\], c)/? nn::timestep_embedding(at.traced(), labels, c.block_out_channels[0], {.max_period = 1000})/|unet_variants
time_not_activated|model/unet.hpp|s/nn::silu(at\.traced(), detail::embed_conditions(at, in, c))/detail::embed_conditions(at, in, c)/|unet_variants
half_the_groups|model/transformer_2d.hpp|s/{\.groups = options\.groups, \.eps/{.groups = options.groups \/ 2, .eps/|unet_variants
heads_of_first_level|model/unet.hpp|s/c\.attention_head_dim\.at(level)/c.attention_head_dim.at(0)/|unet_variants
looks_at_itself|model/transformer_block.hpp|s/options\.only_cross_attention ? context : normed/normed/|unet
middle_without_time|model/mid_block.hpp|s/x = resnet_block(at \/ "resnets" \/ 0, x, told\.time/x = resnet_block(at \/ "resnets" \/ 0, x, value::none/|unet_variants
skips_before_x|model/up_block.hpp|s/concat(at\.traced(), x, skips\.back())/concat(at.traced(), skips.back(), x)/|unet_variants
downsampler_padding|model/resample.hpp|s/{\.stride = 2}/{.stride = 2, .padded_behind = true}/|unet_variants
resnet_not_activated|model/resnet_block.hpp|s/group_norm(at \/ "norm2", h, normed)/group_norm(at \/ "norm2", h, {.groups = norm.groups, .eps = norm.eps})/|unet_variants
text_norm1_eps|model/clip_text.hpp|s/layer_norm1", x, c\.layer_norm_eps/layer_norm1", x/|clip_text
text_norm2_eps|model/clip_text.hpp|s/layer_norm2", x, c\.layer_norm_eps/layer_norm2", x/|clip_text
text_last_eps|model/clip_text.hpp|s/made\.hidden_states\.back(), c\.layer_norm_eps);/made.hidden_states.back());/|clip_text
text_unmasked|model/clip_text.hpp|s/attention_mask::causal/attention_mask::none/|clip_text
text_exact_gelu|model/clip_text.hpp|s/nn::quick_gelu(g, h)/nn::gelu(g, h)/|clip_text
text_quick_gelu|model/clip_text.hpp|s/? nn::gelu(g, h)/? nn::quick_gelu(g, h)/|clip_text
text_last_norm_left_out|model/clip_text.hpp|s/layer_norm(model \/ "final_layer_norm", made\.hidden_states\.back(), c\.layer_norm_eps)/(static_cast<void>(layer_norm(model \/ "final_layer_norm", made.hidden_states.back())), made.hidden_states.back())/|clip_text
text_end|model/clip_text.hpp|s/c\.eos_token_id == 2 ?/c.eos_token_id == 3 ?/|clip_text
text_end_by_highest|model/clip_text.hpp|s/c\.eos_token_id == 2 ?/true ?/|clip_text
text_last_layer|model/clip_text.hpp|s/size() - 2 - clip_skip/size() - 1 - clip_skip/|clip_text
vae_eps|model/autoencoder_kl.hpp|s/\.eps = 1e-6}/.eps = 2e-6}/|autoencoder_kl
vae_attention_eps|model/autoencoder_kl.hpp|s/\.eps = norm\.eps});/.eps = 2e-6});/|autoencoder_kl
vae_downsampler_padding|model/autoencoder_kl.hpp|s/\.padded_behind = true/.padded_behind = false/|autoencoder_kl
vae_heads|model/autoencoder_kl.hpp|s/nn::attention(g, q, k, v, 1)/nn::attention(g, q, k, v, 2)/|autoencoder_kl
vae_shift|model/autoencoder_kl.hpp|s/-shift \* c\.scaling_factor/-shift/|autoencoder_kl
vae_unscaled|model/autoencoder_kl.hpp|s/1 \/ c\.scaling_factor, c\.shift/1.0, c.shift/|autoencoder_kl
attention_unscaled|nn/cpu/attention_block.hpp|s/return 1 \/ std::sqrt(static_cast<double>(width))/return 1/|unet_variants clip_text autoencoder_kl
attention_scaled_by_width|nn/cpu/attention_block.hpp|s/return 1 \/ std::sqrt(static_cast<double>(width))/return 1 \/ static_cast<double>(width)/|unet_variants clip_text autoencoder_kl
mask_off_by_one|nn/cpu/attention_block.hpp|s/key + k - query, 0/key + k - query - 1, 0/|clip_text
gelu_for_quick_gelu|nn/quick_gelu.hpp|s/1\.702/1.0/g|clip_text
gelu_of_geglu|nn/geglu.hpp|s/gate \* device::math::normal_at(gate)\.below/gate * device::math::sigmoid(1.702F * static_cast<float>(gate))/|unet_variants
gelu_slope|nn/gelu.hpp|s/normal\.below + x \* normal\.density/normal.below/|clip_text
variance_of_samples|nn/group_norm.hpp|s/all\.squares \/ count + op\.eps/all.squares \/ (count - 1) + op.eps/|unet_variants autoencoder_kl
eps_outside_root|nn/group_norm.hpp|s/1 \/ std::sqrt(all\.squares \/ count + op\.eps)/1 \/ (std::sqrt(all.squares \/ count) + op.eps)/|unet_variants
layer_eps_outside_root|nn/layer_norm.hpp|s/C{1} \/ std::sqrt(squares \/ count + static_cast<C>(eps))/C{1} \/ (std::sqrt(squares \/ count) + static_cast<C>(eps))/|unet_variants clip_text
variance_for_deviation|nn/sample_gaussian.hpp|s/least_log_variance<C>, most_log_variance<C>) \//least_log_variance<C>, most_log_variance<C>) * 2 \//|autoencoder_kl
TEXT
}

base() {
    mkdir -p $here
    for test in unet unet_variants clip_text autoencoder_kl on_host; do
        $compile -O0 -Iinclude -I. -c "tests/model/$test.cpp" -o "$here/$test.o"
    done
    $compile -O0 -Iinclude -I. -c tests/main.cpp -o $here/main.o
}

link() { ${CXX:-c++} -fopenmp "$@" $here/main.o $json -o $here/tests; }
passes() { OMP_WAIT_POLICY=passive timeout 600 $here/tests >$here/log 2>&1; }
objects() { for test in $1; do printf '%s ' "$here/$test.o"; done; }

plant() { # HEADER SED: a copy with the fault
    rm -rf $here/planted
    mkdir -p "$here/planted/haiga/$(dirname "$1")"
    sed "$2" "include/haiga/$1" >"$here/planted/haiga/$1"
    ! cmp -s "include/haiga/$1" "$here/planted/haiga/$1"
}

# build_planted HEADER TESTS: the tests of the list with the fault.
build_planted() {
    made=''
    case $1 in
    model/*)
        for test in $2; do
            $compile -O0 -I$here/planted -Iinclude -I. -c "tests/model/$test.cpp" -o "$here/planted/$test.o" ||
                return 1
            made="$made $here/planted/$test.o"
        done
        made="$made $here/on_host.o $kernels" ;;
    *)
        $compile -O1 -I$here/planted -Iinclude -I. -c apps/native_program.cpp -o $here/planted/kernels.o ||
            return 1
        made="$(objects "$2") $here/on_host.o $here/planted/kernels.o" ;;
    esac
    # shellcheck disable=SC2086  # a list of words
    link $made
}

# mutate NAME HEADER SED TESTS: prints what came of it.
mutate() {
    if ! plant "$2" "$3"; then echo "$1: the header has changed, nothing was planted"; return 1; fi
    if ! build_planted "$2" "$4"; then echo "$1: does not compile"; return 1; fi
    if passes; then echo "$1: NOT seen"; return 1; fi
    if grep -q 'FATAL ERROR' $here/log; then echo "$1: the tests stopped"; return 1; fi
    echo "$1: $(grep 'test cases' $here/log)"
}

base
failed=0
# shellcheck disable=SC2046  # a list of words
link $(objects 'unet unet_variants clip_text autoencoder_kl on_host') $kernels
passes || { echo 'without a fault the tests fail'; exit 1; }
list >$here/list
while IFS='|' read -r name header change tests; do
    if [ $# -gt 0 ]; then case " $* " in *" $name "*) ;; *) continue ;; esac; fi
    mutate "$name" "$header" "$change" "$tests" || failed=$((failed + 1))
done <$here/list
[ $failed -eq 0 ] || { echo "$failed not seen"; exit 1; }

// The three transforms of winograd_filter.hpp for one instruction set, a whole number of lanes of
// channels at a time. Included by tile.hpp behind tile.inl.

/// to[i] = the sum over j of M[i][j] from[j], of lanes that are a step apart; zeros cost nothing.
template <auto const& M>
HAIGA_TILE_TARGET [[gnu::always_inline]] inline void
apply_factors(lane const* from, std::size_t from_step, lane* to, std::size_t to_step)
{
    constexpr std::size_t rows = M.size(), columns = M[0].size();
    HAIGA_UNROLL
    for (std::size_t i = 0; i < rows; ++i) {
        lane sum = {};
        bool begun = false;
        HAIGA_UNROLL
        for (std::size_t j = 0; j < columns; ++j) {
            if (M[i][j] != 0) {
                sum = begun ? sum + M[i][j] * from[j * from_step] : M[i][j] * from[j * from_step];
                begun = true;
            }
        }
        to[i * to_step] = sum;
    }
}

/// M x M^T of a square x.
template <auto const& M>
HAIGA_TILE_TARGET [[gnu::always_inline]] inline void apply_both_ways(lane const* x, lane* y)
{
    constexpr std::size_t rows = M.size(), columns = M[0].size();
    lane half[rows * columns];
    HAIGA_UNROLL
    for (std::size_t j = 0; j < columns; ++j) {
        apply_factors<M>(x + j, columns, half + j, columns);
    }
    HAIGA_UNROLL
    for (std::size_t i = 0; i < rows; ++i) {
        apply_factors<M>(half + i * columns, 1, y + i * rows, 1);
    }
}

/// A square of lanes out of rows that are found by pointers.
template <std::size_t Side>
HAIGA_TILE_TARGET [[gnu::always_inline]] inline void
load_square(float const* const* rows, std::int64_t column, lane* x)
{
    HAIGA_UNROLL
    for (std::size_t i = 0; i < Side; ++i) {
        HAIGA_UNROLL
        for (std::size_t j = 0; j < Side; ++j) {
            x[i * Side + j] = *reinterpret_cast<loose_lane const*>(rows[i * Side + j] + column);
        }
    }
}

/// M x M^T of a square x of rows of n floats, each found by a pointer; what comes of it lies a step
/// apart.
template <auto const& M>
HAIGA_TILE_TARGET inline void winograd_forth(float const* const* rows, std::int64_t n, float* to,
                                             std::int64_t step)
{
    constexpr std::size_t in = M[0].size(), out = M.size();
    for (std::int64_t c = 0; c < n; c += tile_lanes) {
        lane x[in * in];
        lane y[out * out];
        load_square<in>(rows, c, x);
        apply_both_ways<M>(x, y);
        float* next = to + c;
        HAIGA_UNROLL
        for (std::size_t i = 0; i < out; ++i) {
            HAIGA_UNROLL
            for (std::size_t j = 0; j < out; ++j, next += step) {
                *reinterpret_cast<loose_lane*>(next) = y[i * out + j];
            }
        }
    }
}

/// What products gave, each found by a pointer, back to outputs, and a bias where there is one.
/// Outputs without a pointer are not wanted.
HAIGA_TILE_TARGET inline void winograd_back(float const* const* rows, std::int64_t n,
                                            float const* bias, float* const* to)
{
    for (std::int64_t c = 0; c < n; c += tile_lanes) {
        lane x[winograd::products];
        lane y[winograd::outputs * winograd::outputs];
        load_square<winograd::inputs>(rows, c, x);
        apply_both_ways<winograd::of_outputs>(x, y);
        lane const b = bias == nullptr ? lane{} : *reinterpret_cast<loose_lane const*>(bias + c);
        HAIGA_UNROLL
        for (std::size_t i = 0; i < winograd::outputs; ++i) {
            HAIGA_UNROLL
            for (std::size_t j = 0; j < winograd::outputs; ++j) {
                if (auto* const out = to[i * winograd::outputs + j]; out != nullptr) {
                    *reinterpret_cast<loose_lane*>(out + c) = y[i * winograd::outputs + j] + b;
                }
            }
        }
    }
}

/// The kernels of this instruction set, as a type.
struct kernels {
    static void times(form how, product<float> const& p) { multiply(how, p); }
    static void inputs_forth(float const* const* rows, std::int64_t n, float* to, std::int64_t step)
    {
        winograd_forth<winograd::of_inputs>(rows, n, to, step);
    }
    static void weights_forth(float const* const* rows, std::int64_t n, float* to, std::int64_t step)
    {
        winograd_forth<winograd::of_weights>(rows, n, to, step);
    }
    static void outputs_back(float const* const* rows, std::int64_t n, float const* bias,
                             float* const* to)
    {
        winograd_back(rows, n, bias, to);
    }
};

// The last columns of a matrix whose width is no whole number of lanes, where the instruction set
// has no masks. Included by tile.hpp as tile.inl is.

/// The first `count` elements, zeros behind them.
HAIGA_TILE_TARGET inline auto load_some(float const* p, std::int64_t count)
{
    float __attribute__((vector_size(tile_lanes * 4))) x = {};
    for (int i = 0; i < count; ++i) {
        x[i] = p[i];
    }
    return x;
}

template <class Lane>
HAIGA_TILE_TARGET inline void store_some(float* p, std::int64_t count, Lane const& x)
{
    for (int i = 0; i < count; ++i) {
        p[i] = x[i];
    }
}

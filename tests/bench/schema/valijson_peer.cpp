#include "tests/bench/schema/valijson_peer.hpp"

#if __has_include(<valijson/validator.hpp>)

// Its headers are not free of warnings, some of them where the compiler inlines.
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wrestrict"
#endif
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <boost/json.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <memory>

namespace haiga::bench {

auto valijson_judge(boost::json::value const& schema)
    -> std::optional<std::function<bool(boost::json::value const&)>>
{
    auto const compiled = std::make_shared<valijson::Schema>();
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::BoostJsonAdapter(schema), *compiled);
    auto const validator = std::make_shared<valijson::Validator>(valijson::Validator::kStrongTypes);
    return [compiled, validator](boost::json::value const& v) {
        return validator->validate(*compiled, valijson::adapters::BoostJsonAdapter(v), nullptr);
    };
}

} // namespace haiga::bench

#else

namespace haiga::bench {

auto valijson_judge(boost::json::value const&)
    -> std::optional<std::function<bool(boost::json::value const&)>>
{
    return std::nullopt;
}

} // namespace haiga::bench

#endif

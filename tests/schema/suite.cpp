#include "tests/schema/suite.hpp"

// The official suite's verdicts, from HAIGA_TEST_DATA.

using namespace haiga;
namespace official = haiga_test::schema_suite;

namespace {

void run_suite(schema::dialect draft, std::string const& below, bool formats)
{
    if (official::folder().empty()) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return;
    }
    schema::compile_options options;
    options.draft = draft;
    options.assert_formats = formats;
    options.assert_content = draft == schema::dialect::draft7 && below == "optional";
    CAPTURE(official::name_of(draft) + ' ' + below);
    official::report(official::run_folder(
        official::folder() / "tests" / official::name_of(draft) / below, options));
}

} // namespace

TEST_CASE("the official suite: what draft-07 requires")
{
    run_suite(schema::dialect::draft7, "", false);
}

TEST_CASE("the official suite: what 2019-09 requires")
{
    run_suite(schema::dialect::draft2019_09, "", false);
}

TEST_CASE("the official suite: what 2020-12 requires")
{
    run_suite(schema::dialect::draft2020_12, "", false);
}

TEST_CASE("the official suite: what it leaves open")
{
    for (auto const draft :
         {schema::dialect::draft7, schema::dialect::draft2019_09, schema::dialect::draft2020_12}) {
        run_suite(draft, "optional", false);
    }
}

TEST_CASE("the official suite: formats")
{
    for (auto const draft :
         {schema::dialect::draft7, schema::dialect::draft2019_09, schema::dialect::draft2020_12}) {
        run_suite(draft, "optional/format", true);
    }
}

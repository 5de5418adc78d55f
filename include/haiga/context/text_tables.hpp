#pragma once
// Written by tests/peers/text_tables.py; see there.

#include <string_view>

namespace haiga::context::detail {

/// How much likelier a pair of letters is in a word of twenty-one other languages than in an
/// English one: the logarithm, in eighths, above 'O'. Row: the first letter, of the end of a word
/// and a to z.
inline constexpr std::string_view letter_pairs = R"(RMNLUXMQJL[]SNQKSQMPFT[BULf)"
                                                 R"(WmLKMXMN[LhXONLdOXPLJPOJLCb)"
                                                 R"(^ROLSKTNNZITKLVOLISNPLUOPKO)"
                                                 R"(YPYMRNSRMZ`LHR_LYONVKOVQPMh)"
                                                 R"(DYTTMV[DPSW_MWYQ\OTQ^UWWNLc)"
                                                 R"(LH[KELLYZXblUPTPOGPQR]MFICm)"
                                                 R"(HPV`^QNZTSZWR[UOXSOONOSSQHT)"
                                                 R"(JWVP_PWP>RY[PNSOQOPQXSSQOaQ)"
                                                 R"(PQY[bJU\aJadaSaQZYSOUTmZYR])"
                                                 R"(UXQONTINfdl\PRJKOSQNJ`QVSOV)"
                                                 R"([ZCDSMFCCSCMVNUKHCJIWIKCCCI)"
                                                 R"(J^PJNGADIIJ`ZG>]DEaO][T@EMI)"
                                                 R"(PTWNDNJ^YQgSM[fMNRCTQOOHU@T)"
                                                 R"(NRVVUOTSQPZSQMINMNOKXKWRM>S)"
                                                 R"(OWQJLRQIWXbSKTLIRSRKPYMOKO])"
                                                 R"(RVSRVQ=UeSXUSPNIQPOYHDSEMLi)"
                                                 R"(OPO^IMTLBQPUMV^RHNQOHQUONKR)"
                                                 R"(VPPPPPPPPPPPRPPSPPPNPNPPPPP)"
                                                 R"(OSXKOMRO^RaLSSNMRTPNMUTRS@g)"
                                                 R"(LTYP^OQQASXYURURPK[MQP_CQSi)"
                                                 R"(LX]GTSZW4RZiLT_LPQSLVZcGfMm)"
                                                 R"(UTLJRNVJ_TeeKQO]IPMKLY`VZRg)"
                                                 R"(ZROJMINLLOLOWH_YII^YWZPJI[L)"
                                                 R"(ROUY\PZY:MY]SYGM[YJSX`YQ]m])"
                                                 R"(RTUHQSTOJJORQLO^INQTLROPWQP)"
                                                 R"(GaX``STfYJdh]`[IPS^P^W_RS[X)"
                                                 R"(ZVIKOI>F@XCQLM[QK>LEUKIMASF)";

/// Tokens a letter in Claude 2's vocabulary, on translations of Debian's programs.
struct script {
    char32_t first;
    char32_t last;
    double tokens;
    bool east_asian;
};
inline constexpr script scripts[] = {
    {0x370, 0x3ff, 1.31, false},    // Greek
    {0x400, 0x52f, 0.65, false},    // Cyrillic
    {0x530, 0x58f, 2.11, false},    // Armenian
    {0x590, 0x5ff, 1.06, false},    // Hebrew
    {0x600, 0x77f, 1.09, false},    // Arabic
    {0x900, 0x97f, 1.33, false},    // Devanagari
    {0x980, 0x9ff, 2.03, false},    // Bengali
    {0xa00, 0xa7f, 3.02, false},    // Gurmukhi
    {0xb80, 0xbff, 2.03, false},    // Tamil
    {0xe00, 0xe7f, 1.80, false},    // Thai
    {0x10a0, 0x10ff, 1.34, false},  // Georgian
    {0x1100, 0x11ff, 1.80, true},   // Hangul
    {0x3040, 0x30ff, 0.83, true},   // Kana
    {0x3400, 0x9fff, 1.02, true},   // Han
    {0xac00, 0xd7af, 1.31, true},   // Hangul
    {0xf900, 0xfaff, 1.02, true},   // Han
    {0x20000, 0x323af, 1.02, true}, // Han
};

} // namespace haiga::context::detail

#pragma once

#include <string_view>

namespace haiga::context {

/// The models that Anthropic's API has or had, as model_catalogue reads them; read in November
/// 2026.
///
/// Units: tokens; USD per million tokens. `text_scale`: how many of its tokens a text takes for one
/// of those that claude_counter was fitted to. `image`: the longest edge in pixels and the most
/// tokens at which a picture is seen. `tool_prompt`: what tools cost besides their definitions,
/// where the model may (auto) and where it must (any) call one. `long_prompt`: prices of a request
/// whose input is above so many tokens. Batches cost half where nothing else is stated. Where no
/// source states the least length that is cached, it is the largest of any model: fewer
/// breakpoints, none in vain.
inline constexpr std::string_view models_text = R"json({
"sources": [
  "https://platform.claude.com/docs/en/about-claude/pricing",
  "https://platform.claude.com/docs/en/about-claude/models/overview",
  "https://platform.claude.com/docs/en/build-with-claude/prompt-caching",
  "https://platform.claude.com/docs/en/build-with-claude/token-counting",
  "https://platform.claude.com/docs/en/build-with-claude/vision",
  "https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview"
],
"models": [
{"id": "claude-fable-5-1", "title": "Claude Fable 5.1", "context": 1000000, "max_output": 128000,
 "prices": {"input": 10, "output": 50, "cache_write_5m": 12.5, "cache_write_1h": 20, "cache_read": 0.25},
 "text_scale": 1.3, "image": {"edge": 2576, "tokens": 4784}},
{"id": "claude-fable-5", "title": "Claude Fable 5", "context": 1000000, "max_output": 128000,
 "prices": {"input": 10, "output": 50, "cache_write_5m": 12.5, "cache_write_1h": 20, "cache_read": 1},
 "cache_minimum": 512, "text_scale": 1.3, "image": {"edge": 2576, "tokens": 4784}},
{"id": "claude-opus-5-5", "title": "Claude Opus 5.5", "context": 1000000, "max_output": 128000,
 "prices": {"input": 4, "output": 20, "cache_write_5m": 5, "cache_write_1h": 8, "cache_read": 0.2},
 "text_scale": 1.3, "image": {"edge": 2576, "tokens": 4784}},
{"id": "claude-opus-5", "title": "Claude Opus 5", "context": 1000000, "max_output": 128000,
 "prices": {"input": 5, "output": 25, "cache_write_5m": 6.25, "cache_write_1h": 10, "cache_read": 0.5},
 "cache_minimum": 512, "text_scale": 1.3, "image": {"edge": 2576, "tokens": 4784},
 "tool_prompt": {"auto": 286, "any": 406}},
{"id": "claude-opus-4-8", "title": "Claude Opus 4.8", "context": 1000000, "max_output": 128000,
 "prices": {"input": 5, "output": 25, "cache_write_5m": 6.25, "cache_write_1h": 10, "cache_read": 0.5},
 "text_scale": 1.3, "image": {"edge": 2576, "tokens": 4784}},
{"id": "claude-opus-4-7", "title": "Claude Opus 4.7", "context": 1000000, "max_output": 128000,
 "prices": {"input": 5, "output": 25, "cache_write_5m": 6.25, "cache_write_1h": 10, "cache_read": 0.5},
 "text_scale": 1.3, "image": {"edge": 2576, "tokens": 4784}},
{"id": "claude-opus-4-6", "title": "Claude Opus 4.6", "context": 1000000, "max_output": 128000,
 "prices": {"input": 5, "output": 25, "cache_write_5m": 6.25, "cache_write_1h": 10, "cache_read": 0.5}},
{"id": "claude-opus-4-5-20251101", "title": "Claude Opus 4.5", "aliases": ["claude-opus-4-5"],
 "context": 200000, "max_output": 64000,
 "prices": {"input": 5, "output": 25, "cache_write_5m": 6.25, "cache_write_1h": 10, "cache_read": 0.5}},
{"id": "claude-opus-4-1-20250805", "title": "Claude Opus 4.1", "aliases": ["claude-opus-4-1"],
 "retired": true, "context": 200000, "max_output": 32000,
 "prices": {"input": 15, "output": 75, "cache_write_5m": 18.75, "cache_write_1h": 30, "cache_read": 1.5},
 "cache_minimum": 1024},
{"id": "claude-sonnet-5-5", "title": "Claude Sonnet 5.5", "context": 1000000, "max_output": 128000,
 "prices": {"input": 2, "output": 10, "cache_write_5m": 2.5, "cache_write_1h": 4, "cache_read": 0.1},
 "text_scale": 1.3, "image": {"edge": 2576, "tokens": 4784}},
{"id": "claude-sonnet-5", "title": "Claude Sonnet 5", "context": 1000000, "max_output": 128000,
 "prices": {"input": 2, "output": 10, "cache_write_5m": 2.5, "cache_write_1h": 4, "cache_read": 0.2},
 "cache_minimum": 1024, "text_scale": 1.3, "image": {"edge": 2576, "tokens": 4784},
 "tool_prompt": {"auto": 354, "any": 474}},
{"id": "claude-sonnet-4-6", "title": "Claude Sonnet 4.6", "context": 1000000, "max_output": 128000,
 "prices": {"input": 3, "output": 15, "cache_write_5m": 3.75, "cache_write_1h": 6, "cache_read": 0.3},
 "cache_minimum": 2048},
{"id": "claude-sonnet-4-5-20250929", "title": "Claude Sonnet 4.5", "aliases": ["claude-sonnet-4-5"],
 "context": 200000, "max_output": 64000,
 "prices": {"input": 3, "output": 15, "cache_write_5m": 3.75, "cache_write_1h": 6, "cache_read": 0.3},
 "cache_minimum": 1024},
{"id": "claude-haiku-5-5", "title": "Claude Haiku 5.5", "context": 1000000, "max_output": 128000,
 "prices": {"input": 0.1, "output": 0.5, "cache_write_5m": 0.125, "cache_write_1h": 0.2, "cache_read": 0.01},
 "long_prompt": {"above": 100000,
  "prices": {"input": 0.5, "output": 2.5, "cache_write_5m": 0.625, "cache_write_1h": 1, "cache_read": 0.05}},
 "text_scale": 1.3, "image": {"edge": 2576, "tokens": 4784}},
{"id": "claude-haiku-4-5-20251001", "title": "Claude Haiku 4.5", "aliases": ["claude-haiku-4-5"],
 "context": 200000, "max_output": 64000,
 "prices": {"input": 1, "output": 5, "cache_write_5m": 1.25, "cache_write_1h": 2, "cache_read": 0.1},
 "tool_prompt": {"auto": 496, "any": 588}},
{"id": "claude-3-5-haiku-20241022", "title": "Claude Haiku 3.5", "aliases": ["claude-3-5-haiku-latest"],
 "retired": true, "context": 200000, "max_output": 8192,
 "prices": {"input": 0.8, "output": 4, "cache_write_5m": 1, "cache_write_1h": 1.6, "cache_read": 0.08},
 "cache_minimum": 2048, "tool_prompt": {"auto": 264, "any": 340}},
{"id": "claude-3-haiku-20240307", "title": "Claude Haiku 3", "retired": true,
 "context": 200000, "max_output": 4096,
 "prices": {"input": 0.25, "output": 1.25, "cache_write_5m": 0.3, "cache_write_1h": 0.5, "cache_read": 0.03,
  "batch_input": 0.125, "batch_output": 0.625},
 "cache_minimum": 2048, "tool_prompt": {"auto": 264, "any": 340}}
]})json";

} // namespace haiga::context

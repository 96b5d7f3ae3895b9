// What is known of a span as an answer: numbers in about [0, 1] that a model weighs.
//
// Pure. The table names each feature as files do (models/answerer).

#ifndef FORAKER_AGENT_ANSWER_FEATURES_H_
#define FORAKER_AGENT_ANSWER_FEATURES_H_

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "agent/answer/candidates.h"
#include "agent/answer/evidence.h"

namespace foraker::agent {

inline constexpr auto kFeatureNames = std::to_array<std::string_view>({
    // What the span is.
    "is_title",
    "is_name",
    "is_demonym",
    "is_quoted",
    "is_year",
    "is_date",
    "is_number",
    "is_measure",
    "is_phrase",
    "whole",
    "one_word",
    "two_words",
    "three_words",
    "many_words",
    "joined",
    "comma",
    "fits",
    "misfits",
    "fits_asked",
    // What of it the question says.
    "in_question",
    "all_in_question",
    "head_in_span",
    "option",
    "option_earlier",
    "option_later",
    "option_coverage",
    // Its passage.
    "rank",
    "first_step",
    "last_step",
    "passage_coverage",
    "passage_coverage_gap",
    "title_named",
    "chain",
    "chain_gap",
    "mentioned",
    "mentioned_coverage",
    "mentions",
    "passage_relation",
    "named_holders",
    "common_holders",
    // Its sentence.
    "sentence_coverage",
    "sentence_gap",
    "sentence_gap_in_passage",
    "with_title",
    "relation",
    "relation_gap",
    "first_sentence",
    "sentence_place",
    "head_in_sentence",
    "place_in_sentence",
    // Words around it.
    "near",
    "near_relation",
    "head_before",
    "head_after",
    "after_of",
    "after_in",
    "after_by",
    "after_the",
    "after_a",
    "after_is",
    "after_and",
    "after_comma",
    "after_bracket",
    "after_verb",
    "after_from",
    "after_to",
    "after_as",
    "after_with",
    "after_start",
    "before_comma",
    "before_stop",
    "before_bracket",
    "before_is",
    "before_and",
    "before_of",
    "before_capital",
    "before_verb",
    "after_capital",
    "after_small",
    "before_small",
    "after_matched",
    "before_matched",
    "after_role",
    "before_born",
    "after_born",
    // Other places where it stands.
    "own_passage",
    "own_coverage",
    "own_pair",
    "own_later",
    "own_head",
    "own_born",
    "passages",
    "mentions_here",
});
inline constexpr size_t kFeatures = kFeatureNames.size();
using Features = std::array<float, kFeatures>;

// In the order of `candidates`.
std::vector<Features> DescribeCandidates(const Evidence& evidence,
                                         std::span<const Candidate> candidates);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_FEATURES_H_

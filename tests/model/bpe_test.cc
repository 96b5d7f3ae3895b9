// Merging, held against the plain way to do it.

#include "model/tokenizer/bpe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace foraker::model {
namespace {

using ::testing::ElementsAre;

constexpr uint32_t kLetters = 3;

// Symbols a, b, c, and random merges of what there is, whose results are ids of their own.
struct RandomModel {
  explicit RandomModel(std::mt19937& random) {
    model.byte_level = true;
    model.bytes.fill(BpeModel::kNone);
    for (uint32_t i = 0; i < kLetters; ++i) model.bytes['a' + i] = i;
    for (uint32_t rank = 0; rank < 12; ++rank) {
      const uint32_t left = random() % next;
      const uint32_t right = random() % next;
      // Ranks are not those of the ids, and some are equal.
      model.merges.Put(left, right, {static_cast<uint32_t>(random() % 8), next++});
    }
  }

  BpeModel model;
  uint32_t next = kLetters;
};

// The lowest rank of all neighbours, the leftmost of equals, until there is none.
std::vector<uint32_t> MergePlainly(const MergeTable& merges, std::vector<uint32_t> ids) {
  while (true) {
    size_t best = ids.size();
    MergeTable::Merge chosen{std::numeric_limits<uint32_t>::max(), 0};
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      const MergeTable::Merge* merge = merges.Find(ids[i], ids[i + 1]);
      if (merge == nullptr || merge->rank >= chosen.rank) continue;
      best = i;
      chosen = *merge;
    }
    if (best == ids.size()) return ids;
    ids[best] = chosen.id;
    ids.erase(ids.begin() + static_cast<ptrdiff_t>(best) + 1);
  }
}

TEST(BpePropertyTest, MergesAsThePlainWayDoes) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    const RandomModel random_model(random);
    BpeMerger merger(random_model.model);
    for (int i = 0; i < 20; ++i) {
      std::string piece;
      std::vector<uint32_t> symbols;
      for (size_t n = random() % 40; n > 0; --n) {
        symbols.push_back(random() % kLetters);
        piece.push_back(static_cast<char>('a' + symbols.back()));
      }
      std::vector<uint32_t> ids;
      merger.Append(piece, ids);
      ASSERT_EQ(ids, MergePlainly(random_model.model.merges, symbols)) << piece;
    }
  }
}

// a, b of three letters are symbols; "<0x63>" is the byte c.
BpeModel CharacterModel(bool fuse) {
  BpeModel model;
  model.bytes.fill(BpeModel::kNone);
  model.characters.reserve(2);
  model.characters.emplace('a', 0);
  model.characters.emplace('b', 1);
  model.bytes['c'] = 2;
  model.unknown = 3;
  model.fuse_unknown = fuse;
  return model;
}

std::vector<uint32_t> Merged(const BpeModel& model, std::string_view piece) {
  std::vector<uint32_t> ids;
  BpeMerger(model).Append(piece, ids);
  return ids;
}

TEST(BpeTest, UnknownNeighboursAreOneTokenWhereTheyAreFused) {
  EXPECT_THAT(Merged(CharacterModel(true), "axyb\u00e9\u00e9"), ElementsAre(0, 3, 1, 3));
  EXPECT_THAT(Merged(CharacterModel(false), "axyb"), ElementsAre(0, 3, 3, 1));
}

TEST(BpeTest, UnknownCharactersComeAfterTheBytesBehindThem) {
  // What Hugging Face's does where only some bytes are in the vocabulary.
  EXPECT_THAT(Merged(CharacterModel(true), "xcb"), ElementsAre(2, 3, 1));
}

TEST(BpeTest, WhatMustNotBecomeAnAddedTokenIsMergedWithoutIt) {
  BpeModel model = CharacterModel(true);
  model.merges.Put(0, 1, {0, 4});
  model.merges.Put(4, 4, {1, 5});
  model.merges_without_added.emplace().Put(0, 1, {0, 4});
  model.is_added = {false, false, false, false, false, true};
  BpeMerger merger(model);
  std::vector<uint32_t> ids;
  merger.Append("abab", ids);
  EXPECT_THAT(ids, ElementsAre(5));
  merger.AppendWithoutAdded("abab", ids);
  EXPECT_THAT(ids, ElementsAre(5, 4, 4));
}

}  // namespace
}  // namespace foraker::model

#include "model/weights/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/file.h"
#include "model/weights/safetensors.h"
#include "tests/support/temporary_directory.h"

namespace foraker::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kGolden = "tests/golden/encoders/";  // made by make_encoders.py beside it

// The bytes of a file with that header.
std::string File(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  return bytes + header + data;
}

template <typename T>
std::string BytesOfValues(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string Entry(const std::string& name, const std::string& type, const std::string& shape,
                  size_t begin, size_t end) {
  return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":[" +
         std::to_string(begin) + "," + std::to_string(end) + "]}";
}

// A directory whose single file holds what the test needs.
class WeightsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Weights> Open(const std::string& header, const std::string& data) {
    directory_.Write("model.safetensors", File(header, data));
    auto weights = Weights::Open(directory_.path());
    EXPECT_TRUE(weights.ok()) << weights.status();
    return weights.ok() ? std::move(*weights) : nullptr;
  }
  std::string ErrorOf(const std::string& header, const std::string& data) {
    directory_.Write("model.safetensors", File(header, data));
    return Error();
  }
  std::string Error() {
    const auto weights = Weights::Open(directory_.path());
    EXPECT_EQ(weights.status().code(), absl::StatusCode::kInvalidArgument) << weights.status();
    return std::string(weights.status().message());
  }

  TemporaryDirectory directory_;
};

TEST_F(WeightsTest, EveryFloatingTypeIsTakenAsFloat) {
  const std::string data = BytesOfValues<float>({1.5f, -2.25f}) +
                           BytesOfValues<uint16_t>({0x3e00, 0xc080}) +  // binary16
                           BytesOfValues<uint16_t>({0x3fc0, 0xc010});   // bfloat16
  const auto weights =
      Open("{" + Entry("a", "F32", "[2]", 0, 8) + "," + Entry("b", "F16", "[2,1]", 8, 12) + "," +
               Entry("c", "BF16", "[1,2]", 12, 16) + "}  ",
           data);
  ASSERT_NE(weights, nullptr);
  EXPECT_THAT(weights->Names(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(*weights->Take("a", {{2}}), ElementsAre(1.5f, -2.25f));
  EXPECT_THAT(*weights->Take("b", {{2, 1}}), ElementsAre(1.5f, -2.25f));
  EXPECT_THAT(*weights->Take("c", {{1, 2}}), ElementsAre(1.5f, -2.25f));
  EXPECT_TRUE(weights->CheckAllTaken().ok());
}

TEST_F(WeightsTest, BytesAreMultipliedByTheScaleOfTheTensorOrOfTheirRow) {
  const std::string data = BytesOfValues<int8_t>({1, -2, 3, -128}) +
                           BytesOfValues<float>({0.5f, 2.0f}) + BytesOfValues<int8_t>({4, 5}) +
                           BytesOfValues<float>({0.25f}) + BytesOfValues<int8_t>({7});
  const auto weights = Open(
      "{" + Entry("rows", "I8", "[2,2]", 0, 4) + "," + Entry("rows_scale", "F32", "[2]", 4, 12) +
          "," + Entry("one", "I8", "[2]", 12, 14) + "," + Entry("one_scale", "F32", "[1]", 14, 18) +
          "," + Entry("bare", "I8", "[1]", 18, 19) + "}",
      data);
  ASSERT_NE(weights, nullptr);
  EXPECT_THAT(*weights->Take("rows", {{2, 2}}), ElementsAre(0.5f, -1.0f, 6.0f, -256.0f));
  EXPECT_THAT(*weights->Take("one", {{2}}), ElementsAre(1.0f, 1.25f));
  EXPECT_THAT(*weights->Take("bare", {{1}}), ElementsAre(7.0f));
  EXPECT_TRUE(weights->CheckAllTaken().ok());
}

TEST_F(WeightsTest, AScaleOfAnotherShapeIsRefused) {
  const auto weights = Open(
      "{" + Entry("w", "I8", "[2,1]", 0, 2) + "," + Entry("w_scale", "F32", "[3]", 2, 14) + "}",
      std::string(14, '\0'));
  ASSERT_NE(weights, nullptr);
  EXPECT_THAT(weights->Take("w", {{2, 1}}).status().message(),
              HasSubstr("tensor w_scale: expected shape [2], got [3]"));
}

TEST_F(WeightsTest, WhatIsMissingMisshapenOrNoWeightIsRefusedByName) {
  const float infinity = std::numeric_limits<float>::infinity();
  const auto weights =
      Open("{" + Entry("a", "F32", "[2,1]", 0, 8) + "," + Entry("ids", "I64", "[1]", 8, 16) + "}",
           BytesOfValues<float>({1, infinity, 0, 0}));
  ASSERT_NE(weights, nullptr);
  EXPECT_THAT(weights->Take("b", {{2, 3}}).status().message(),
              HasSubstr("model.safetensors: tensor b: missing, expected shape [2, 3]"));
  EXPECT_THAT(weights->Take("a", {{1, 2}}).status().message(),
              HasSubstr("model.safetensors: tensor a: expected shape [1, 2], got [2, 1]"));
  EXPECT_THAT(weights->Take("a", {{2}}).status().message(),
              HasSubstr("expected shape [2], got [2, 1]"));
  EXPECT_THAT(weights->Take("a", {{2, 1}}).status().message(),
              HasSubstr("tensor a: expected finite values"));
  EXPECT_THAT(weights->Take("ids", {{1}}).status().message(),
              HasSubstr("tensor ids: expected type F32, F16, BF16 or I8, got I64"));
}

TEST_F(WeightsTest, WhatNobodyTookIsListedUpToFive) {
  std::string header;
  for (int i = 0; i < 7; ++i) {
    const std::string name = "t" + std::to_string(i);
    const auto at = static_cast<size_t>(i);
    header += (i == 0 ? "{" : ",") + Entry(name, "U8", "[1]", at, at + 1);
  }
  const auto weights = Open(header + "}", std::string(7, '\0'));
  ASSERT_NE(weights, nullptr);
  EXPECT_NE(weights->Find("t0"), nullptr);
  const std::string message(weights->CheckAllTaken().message());
  EXPECT_THAT(message, HasSubstr("got 7: t0, t1, t2, t3, t4, ..."));
  for (const auto* name : {"t0", "t1", "t3", "t4", "t5"}) weights->Ignore(name);
  EXPECT_THAT(weights->CheckAllTaken().message(), HasSubstr("got 2: t2, t6"));
  for (const auto* name : {"t2", "t6"}) weights->Ignore(name);
  EXPECT_TRUE(weights->CheckAllTaken().ok());
}

struct Malformed {
  std::string name;
  std::string header;
  size_t data;  // bytes
  std::string expected;
};

class MalformedWeightsTest : public WeightsTest, public ::testing::WithParamInterface<Malformed> {};

TEST_P(MalformedWeightsTest, IsRefusedByNameAndExpectation) {
  const std::string message = ErrorOf(GetParam().header, std::string(GetParam().data, '\1'));
  EXPECT_THAT(message, HasSubstr("/model.safetensors: "));
  EXPECT_THAT(message, HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Headers, MalformedWeightsTest,
    ::testing::Values(
        Malformed{"NoJson", "{\"a\":", 0, "expected a JSON document"},
        Malformed{"AnArray", "[]", 0, "expected a JSON object, got []"},
        Malformed{"NameTwice",
                  "{" + Entry("a", "U8", "[1]", 0, 1) + "," + Entry("a", "U8", "[1]", 0, 1) + "}",
                  1, "key \"a\" comes twice"},
        Malformed{"NoEntry", "{\"a\":1}", 0, "key \"a\": expected an object, got 1"},
        Malformed{"NoType", "{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
                  "key \"a.dtype\" is missing"},
        Malformed{"UnknownType", "{" + Entry("a", "F8_E4M3", "[1]", 0, 1) + "}", 1,
                  "key \"a.dtype\": expected one of F32, F16, BF16"},
        Malformed{"NegativeShape", "{" + Entry("a", "U8", "[-1]", 0, 1) + "}", 1,
                  "key \"a.shape\": expected an array of integers of at least 0, got [-1]"},
        Malformed{"FractionalShape", "{" + Entry("a", "U8", "[1.0]", 0, 1) + "}", 1,
                  "key \"a.shape\": expected an array of integers"},
        Malformed{"ShapeOfOtherLength", "{" + Entry("a", "F16", "[2]", 0, 3) + "}", 3,
                  "tensor a: expected the bytes of F16 [2], got 3"},
        Malformed{"ShapeOverflow", "{" + Entry("a", "F32", "[4294967296,4294967296]", 0, 0) + "}",
                  0, "tensor a: expected the bytes of F32 [4294967296, 4294967296], got 0"},
        Malformed{"ElementOverflow", "{" + Entry("a", "F64", "[2305843009213693952]", 0, 0) + "}",
                  0, "tensor a: expected the bytes of F64"},
        Malformed{"OneOffset", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1,
                  "key \"a.data_offsets\": expected [begin, end] in ascending order"},
        Malformed{"BackwardOffsets", "{" + Entry("a", "U8", "[1]", 1, 0) + "}", 1,
                  "key \"a.data_offsets\": expected [begin, end] in ascending order"},
        Malformed{"BeyondTheEnd", "{" + Entry("a", "U8", "[9]", 0, 9) + "}", 8,
                  "key \"a.data_offsets\": expected [begin, end] in ascending order, at most 8"},
        Malformed{"Overlap",
                  "{" + Entry("a", "U8", "[2]", 0, 2) + "," + Entry("b", "U8", "[2]", 1, 3) + "}",
                  3, "tensor b: expected to begin at byte 2 of the data"},
        Malformed{"Hole",
                  "{" + Entry("a", "U8", "[1]", 0, 1) + "," + Entry("b", "U8", "[1]", 2, 3) + "}",
                  3, "tensor b: expected to begin at byte 1 of the data"},
        Malformed{"HoleInFront", "{" + Entry("a", "U8", "[1]", 1, 2) + "}", 2,
                  "tensor a: expected to begin at byte 0 of the data"},
        Malformed{"BytesLeft", "{" + Entry("a", "U8", "[1]", 0, 1) + "}", 2,
                  "expected 1 bytes of data, the end of the last tensor, got 2"}),
    [](const auto& test) { return test.param.name; });

TEST_F(WeightsTest, AHeaderLongerThanTheFileOrTheFormatAllowsIsRefused) {
  directory_.Write("model.safetensors", "1234567");
  EXPECT_THAT(Error(), HasSubstr("expected a safetensors file of at least 8 bytes, got 7"));
  directory_.Write("model.safetensors", std::string("\x03\0\0\0\0\0\0\0{}", 10));
  EXPECT_THAT(Error(), HasSubstr("expected a safetensors header of at most 2 bytes, got 3"));
  directory_.Write("model.safetensors", std::string(8, '\xff') + "{}");
  EXPECT_THAT(Error(), HasSubstr("header of at most 2 bytes, got 18446744073709551615"));
}

TEST_F(WeightsTest, AnEmptyTensorIsATensor) {
  const auto weights =
      Open("{\"__metadata__\":{\"format\":\"pt\"}," + Entry("a", "U8", "[1]", 0, 1) + "," +
               Entry("none", "F32", "[0,3]", 1, 1) + "}",
           "x");
  ASSERT_NE(weights, nullptr);
  EXPECT_THAT(weights->Names(), ElementsAre("a", "none"));
  EXPECT_TRUE(weights->Take("none", {{0, 3}})->empty());
}

TEST_F(WeightsTest, ADirectoryWithoutWeightsIsNotFound) {
  const auto weights = Weights::Open(directory_.path());
  EXPECT_EQ(weights.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(weights.status().message(),
              HasSubstr("expected a file model.safetensors or model.safetensors.index.json"));
}

class ShardedWeightsTest : public WeightsTest {
 protected:
  ShardedWeightsTest() {
    directory_.Write("one.safetensors", File("{" + Entry("a", "U8", "[1]", 0, 1) + "}", "x"));
    directory_.Write("two.safetensors", File("{" + Entry("b", "U8", "[1]", 0, 1) + "}", "y"));
  }
  std::string ErrorOfIndex(const std::string& index) {
    directory_.Write("model.safetensors.index.json", index);
    return Error();
  }
};

TEST_F(ShardedWeightsTest, ShardsAreReadAsOne) {
  directory_.Write("model.safetensors.index.json",
                   R"({"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}})");
  const auto weights = Weights::Open(directory_.path());
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_THAT((*weights)->Names(), ElementsAre("a", "b"));
  EXPECT_EQ((*weights)->Find("b")->bytes[0], std::byte{'y'});
}

TEST_F(ShardedWeightsTest, AnIndexThatIsNotItsShardsIsRefusedByTensor) {
  EXPECT_THAT(ErrorOfIndex(R"({"weight_map": {"a": "one.safetensors"}, "weight_map": {}})"),
              HasSubstr("key \"weight_map\" comes twice"));
  EXPECT_THAT(ErrorOfIndex("{}"), HasSubstr("index.json: key \"weight_map\" is missing"));
  EXPECT_THAT(ErrorOfIndex(R"({"weight_map": {"a": "two.safetensors", "b": "two.safetensors"}})"),
              HasSubstr("index.json: tensor a: expected in two.safetensors, which lacks it"));
  EXPECT_THAT(ErrorOfIndex(R"({"weight_map": {"a": "one.safetensors", "b": "one.safetensors"}})"),
              HasSubstr("index.json: tensor b: expected in one.safetensors, which lacks it"));
  directory_.Write(
      "one.safetensors",
      File("{" + Entry("a", "U8", "[1]", 0, 1) + "," + Entry("c", "U8", "[1]", 1, 2) + "}", "xz"));
  EXPECT_THAT(ErrorOfIndex(R"({"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}})"),
              HasSubstr("one.safetensors: tensor c: expected in the index"));
  directory_.Write("two.safetensors", File("{" + Entry("a", "U8", "[1]", 0, 1) + "}", "y"));
  EXPECT_THAT(ErrorOfIndex(R"({"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}})"),
              HasSubstr("two.safetensors: tensor a: expected in one file, but "));
}

TEST_F(ShardedWeightsTest, AShardOutsideTheDirectoryIsRefused) {
  for (const auto* file : {"../one.safetensors", "/etc/passwd", "", "..", "sub/one.safetensors"}) {
    EXPECT_THAT(ErrorOfIndex(std::string(R"({"weight_map": {"a": ")") + file + "\"}}"),
                HasSubstr("key \"weight_map.a\": expected the name of a file beside the index"));
  }
  directory_.Write("model.safetensors.index.json", R"({"weight_map": {"a": "gone.safetensors"}})");
  EXPECT_EQ(Weights::Open(directory_.path()).status().code(), absl::StatusCode::kNotFound);
}

TEST(WeightsGoldenTest, TheFingerprintIsThatOfTheBytes) {
  const auto single = Weights::Open(kGolden + "bert");
  const auto sharded = Weights::Open(kGolden + "distilbert");
  ASSERT_TRUE(single.ok() && sharded.ok()) << single.status() << sharded.status();
  EXPECT_EQ((*single)->Fingerprint(), (*Weights::Open(kGolden + "bert"))->Fingerprint());
  EXPECT_NE((*single)->Fingerprint(), (*sharded)->Fingerprint());

  const TemporaryDirectory copy;
  std::string bytes = *base::ReadFile(kGolden + "bert/model.safetensors");
  copy.Write("model.safetensors", bytes);
  EXPECT_EQ((*Weights::Open(copy.path()))->Fingerprint(), (*single)->Fingerprint());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  const TemporaryDirectory changed;
  changed.Write("model.safetensors", bytes);
  EXPECT_NE((*Weights::Open(changed.path()))->Fingerprint(), (*single)->Fingerprint());
}

// Whatever parses must be safe to read to its last byte.
TEST(WeightsGoldenTest, DamagedFilesAreRefusedOrSafeToRead) {
  const std::string intact =
      *base::ReadFile(kGolden + "distilbert/model-00001-of-00002.safetensors");
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  size_t refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = intact;
    if (round % 4 == 0) bytes.resize(random() % bytes.size());
    for (int damage = 0; damage < 3 && !bytes.empty(); ++damage) {
      bytes[random() % std::min<size_t>(bytes.size(), 2500)] = static_cast<char>(random());
    }
    const auto tensors = ParseSafetensors(std::as_bytes(std::span(bytes)), "damaged");
    if (!tensors.ok()) {
      ++refused;
      EXPECT_THAT(tensors.status().message(), HasSubstr("damaged: "));
      continue;
    }
    unsigned sum = 0;
    for (const auto& [name, tensor] : *tensors) {
      for (const std::byte byte : tensor.bytes) sum += std::to_integer<unsigned>(byte);
    }
    EXPECT_GT(sum, 0u);
  }
  EXPECT_GT(refused, 1000u);
}

}  // namespace
}  // namespace foraker::model

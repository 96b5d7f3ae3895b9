// A live collection against a plain map: random operations, checked one by one, with a background
// that flushes and merges all the time; and many threads at once, checked by what must always hold.
//
// FORAKER_LIVE_STEPS sets the number of operations of a seed, FORAKER_LIVE_SEEDS that of the seeds,
// for a soak by hand.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "index/query/top_k.h"
#include "index/segment/document_reader.h"
#include "tests/index/brute_force.h"
#include "tests/index/live_fixture.h"

namespace foraker::index {
namespace {

using Random = std::mt19937_64;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What a collection should be.
struct Model {
  std::map<std::string, Document> documents;
  uint64_t sequence = 0;

  uint64_t VersionOf(const std::string& id) const {
    const auto found = documents.find(id);
    return found == documents.end() ? 0 : found->second.version;
  }

  BatchResult Apply(const WriteBatch& batch) {
    BatchResult result;
    for (const Write& write : batch.writes) {
      result.results.push_back(Apply(write));
      if (result.results.back().status.ok()) result.sequence = sequence;
    }
    return result;
  }

  WriteResult Apply(const Write& write) {
    const auto* put = std::get_if<PutDocument>(&write.change);
    const auto* removal = std::get_if<DeleteDocument>(&write.change);
    const auto* update = std::get_if<UpdateFields>(&write.change);
    const std::string id = put ? put->document.id : removal ? removal->id : update->id;
    const uint64_t version = VersionOf(id);
    WriteResult result;
    result.existed = version != 0;
    if (write.if_version.has_value() && *write.if_version != version) {
      result.status = absl::AbortedError("");
      result.version = version;
    } else if (put == nullptr && version == 0) {
      result.status = absl::NotFoundError("");
    } else if (removal != nullptr) {
      ++sequence;
      documents.erase(id);
    } else {
      result.version = ++sequence;
      if (put != nullptr) documents[id] = put->document;
      if (update != nullptr) Merge(*update, documents[id]);
      documents[id].version = sequence;
    }
    return result;
  }

  static void Merge(const UpdateFields& update, Document& document) {
    std::map<std::string, std::vector<FieldValue>> fields;
    for (const Field& field : document.fields) fields[field.name] = field.values;
    for (const std::string& name : update.clear) fields.erase(name);
    for (const Field& field : update.set) fields[field.name] = field.values;
    document.fields.clear();
    for (const auto& [name, values] : fields) document.fields.push_back({name, values});
  }
};

bool SameFields(std::vector<Field> a, std::vector<Field> b) {
  const auto by_name = [](const Field& x, const Field& y) { return x.name < y.name; };
  std::sort(a.begin(), a.end(), by_name);
  std::sort(b.begin(), b.end(), by_name);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Field& x, const Field& y) {
    return x.name == y.name && x.values == y.values;
  });
}

void ExpectSame(const Document& stored, const Document& expected) {
  EXPECT_EQ(stored.version, expected.version) << stored.id;
  EXPECT_EQ(stored.title, expected.title);
  EXPECT_EQ(stored.text, expected.text);
  EXPECT_TRUE(SameFields(stored.fields, expected.fields)) << stored.id;
  ASSERT_EQ(stored.passages.size(), expected.passages.size());
  for (size_t p = 0; p < stored.passages.size(); ++p) {
    EXPECT_EQ(stored.passages[p].vector.keys, expected.passages[p].vector.keys);
    EXPECT_EQ(stored.passages[p].vector.weights, expected.passages[p].vector.weights);
  }
}

void ExpectDocuments(const Snapshot& snapshot, const Model& model) {
  ASSERT_EQ(snapshot.sequence, model.sequence);
  ASSERT_EQ(snapshot.live_documents, model.documents.size());
  size_t documents = 0;
  uint64_t passages = 0;
  for (const LiveSegment& live : snapshot.segments) {
    for (DocId d = 0; d < live.segment->num_documents(); ++d) {
      if (live.deleted_documents && live.deleted_documents->contains(d)) continue;
      const auto stored = ReadDocument(*live.segment, d);
      ASSERT_TRUE(stored.ok()) << stored.status();
      const auto expected = model.documents.find(stored->id);
      ASSERT_NE(expected, model.documents.end()) << stored->id;
      ExpectSame(*stored, expected->second);
      ++documents;
      passages += stored->passages.size();
    }
  }
  EXPECT_EQ(documents, model.documents.size());
  EXPECT_EQ(passages, snapshot.live_passages);
}

struct Query {
  QueryVector terms;
  bool collapse = true;
};

Query RandomQuery(Random& random) {
  std::map<TermKey, float> terms;
  for (size_t i = 1 + random() % 4; i > 0; --i) {
    terms[TestTerm(random() % 26)] = static_cast<float>(1 + random() % 300) / 100;
  }
  Query query;
  for (const auto& [key, weight] : terms) query.terms.push_back({key, weight});
  query.collapse = random() % 2 == 0;
  return query;
}

std::vector<ExpectedHit> ExpectedHits(const Model& model, const Query& query) {
  std::vector<TestDocument> documents;
  for (const auto& [id, document] : model.documents) {
    TestDocument& test = documents.emplace_back();
    test.id = id;
    for (const Passage& passage : document.passages) test.passages.push_back(passage.vector);
  }
  return BruteForceSearch(documents, query.terms, query.collapse,
                          [](const TestDocument&) { return true; });
}

// A snapshot that is held while the collection moves on, and a search that pages through it.
struct Pin {
  std::shared_ptr<const Snapshot> snapshot;
  Model model;
  Query query;
  std::vector<ExpectedHit> expected;  // of the query
  size_t seen = 0;                    // hits of it
  std::optional<SearchAfter> after;
};

Pin MakePin(std::shared_ptr<const Snapshot> snapshot, const Model& model, Random& random) {
  Pin pin{std::move(snapshot), model, RandomQuery(random), {}, 0, std::nullopt};
  pin.expected = ExpectedHits(model, pin.query);
  return pin;
}

void ExpectNextPage(Pin& pin, uint32_t k) {
  SearchOptions options;
  options.k = k;
  options.collapse = pin.query.collapse ? Collapse::kDocument : Collapse::kNone;
  options.after = pin.after;
  const auto page = TopK(*pin.snapshot, pin.query.terms, options);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->hits.size(), std::min<size_t>(k, pin.expected.size() - pin.seen));
  for (const Hit& hit : page->hits) {
    const ExpectedHit found{hit.score, std::string(hit.id), hit.passage_in_document};
    ASSERT_EQ(found, pin.expected[pin.seen++]);
    pin.after = SearchAfter{found.score, found.id, found.passage};
  }
}

class ModelRun {
 public:
  explicit ModelRun(uint64_t seed) : random_(seed), live_(TinyOptions()) {}

  void Step() {
    const uint64_t kind = random_() % 1000;
    if (kind < 600) {
      WriteSome();
    } else if (kind < 650) {
      RepeatRequest();
    } else if (kind < 750) {
      if (pins_.size() == 8) pins_.pop_front();
      pins_.push_back(MakePin(live_.collection().Newest(), model_, random_));
    } else if (kind < 950 && !pins_.empty()) {
      Pin& pin = pins_[random_() % pins_.size()];
      ExpectNextPage(pin, static_cast<uint32_t>(1 + random_() % 7));
      if (random_() % 4 == 0) ExpectDocuments(*pin.snapshot, pin.model);
    } else if (kind < 975) {
      ASSERT_TRUE(live_.collection().Flush().ok());
    } else if (kind < 985) {
      ASSERT_TRUE(live_.collection().Compact().ok());
    } else if (kind < 990) {
      const absl::Status done = live_.collection().Exclusively([] { return absl::OkStatus(); });
      ASSERT_TRUE(done.ok()) << done;
    } else if (kind < 995) {
      live_.Reopen();
    } else {
      ExpectReaderSeesTheSame();
    }
    if (random_() % 8 == 0) {
      ExpectPublishedAsOfItsSequence();
      Pin now = MakePin(live_.collection().Newest(), model_, random_);
      ExpectDocuments(*now.snapshot, now.model);
      ExpectNextPage(now, 20);
    }
  }

  void Finish() {
    for (Pin& pin : pins_) {
      while (pin.seen < pin.expected.size()) {
        ExpectNextPage(pin, 5);
        if (::testing::Test::HasFatalFailure()) return;
      }
      ExpectDocuments(*pin.snapshot, pin.model);
    }
    const absl::Status background = live_.collection().Stats().background_error;
    EXPECT_TRUE(background.ok()) << background;
  }

 private:
  Write RandomWrite() {
    const std::string id = absl::StrCat("id-", random_() % 40);
    Write write;
    switch (random_() % 6) {
      case 0:
        write.change = DeleteDocument{id};
        break;
      case 1:
        write.change = UpdateFields{id, {{"n", {static_cast<int64_t>(random_() % 9)}}}, {"tag"}};
        break;
      default:
        write.change = RandomDocument(random_, id);
    }
    if (random_() % 4 == 0) {
      // Mostly the version there is.
      write.if_version =
          random_() % 4 == 0 ? random_() % (model_.sequence + 1) : model_.VersionOf(id);
    }
    return write;
  }

  void ExpectResult(const BatchResult& result, const BatchResult& expected) {
    ASSERT_EQ(result.results.size(), expected.results.size());
    EXPECT_EQ(result.sequence, expected.sequence);
    for (size_t i = 0; i < result.results.size(); ++i) {
      EXPECT_EQ(result.results[i].status.code(), expected.results[i].status.code())
          << result.results[i].status;
      EXPECT_EQ(result.results[i].version, expected.results[i].version);
      EXPECT_EQ(result.results[i].existed, expected.results[i].existed);
    }
  }

  void WriteSome() {
    WriteBatch batch;
    for (size_t i = 1 + random_() % 5; i > 0; --i) batch.writes.push_back(RandomWrite());
    if (random_() % 3 == 0) {
      batch.request_id = absl::StrCat("request-", requests_.size());
      batch.request_hash = random_();
    }
    const auto result = live_.collection().Write(batch, WaitFor::kSearchable);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_FALSE(result->repeated);
    ExpectResult(*result, model_.Apply(batch));
    if (!batch.request_id.empty()) requests_.emplace_back(batch, *result);
    history_[model_.sequence] = model_;
    if (history_.size() > 300) history_.erase(history_.begin());
  }

  void RepeatRequest() {
    if (requests_.empty()) return;
    auto [batch, expected] = requests_[random_() % requests_.size()];
    if (random_() % 4 == 0) {
      ++batch.request_hash;
      const auto refused = live_.collection().Write(batch, WaitFor::kSearchable);
      EXPECT_TRUE(absl::IsInvalidArgument(refused.status())) << refused.status();
      return;
    }
    const auto result = live_.collection().Write(batch, WaitFor::kSearchable);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(result->repeated);
    ExpectResult(*result, expected);
  }

  void ExpectReaderSeesTheSame() {
    if (reader_ == nullptr) {
      reader_ = SnapshotSource::OverCatalog(Catalog::Open(live_.path(), OpenMode::kRead).value());
    }
    ASSERT_TRUE(reader_->Refresh().ok());
    const auto snapshot = reader_->Newest("c");
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    Pin pin = MakePin(*snapshot, model_, random_);
    ExpectDocuments(*pin.snapshot, pin.model);
    ExpectNextPage(pin, 30);
    pins_.push_back(std::move(pin));
  }

  // A generation is the collection at one moment, whatever was deleted while it was written.
  void ExpectPublishedAsOfItsSequence() {
    const auto published = live_.catalog()->Current("c");
    ASSERT_TRUE(published.ok()) << published.status();
    const auto then = history_.find((*published)->sequence);
    if (then != history_.end()) ExpectDocuments(**published, then->second);
  }

  Random random_;
  LiveDirectory live_;
  std::unique_ptr<SnapshotSource> reader_;
  Model model_;
  std::map<uint64_t, Model> history_;  // by sequence, the newest
  std::vector<std::pair<WriteBatch, BatchResult>> requests_;
  std::deque<Pin> pins_;
};

TEST(LiveModelTest, ACollectionIsAtEveryMomentWhatAMapWouldBe) {
  const uint64_t first = std::random_device()();
  const uint64_t steps = FromEnvironment("FORAKER_LIVE_STEPS", 1500);
  for (uint64_t i = 0; i < FromEnvironment("FORAKER_LIVE_SEEDS", 3); ++i) {
    SCOPED_TRACE(absl::StrCat("seed ", first + i));
    ModelRun run(first + i);
    for (uint64_t step = 0; step < steps; ++step) {
      run.Step();
      ASSERT_FALSE(HasFailure()) << "step " << step;
    }
    run.Finish();
    ASSERT_FALSE(HasFailure());
  }
}

// Writers replace sets of four documents in one batch; all four have the round in a field.
constexpr int kWriters = 3;
constexpr int kSetSize = 4;

std::string SetId(int writer, int member) { return absl::StrCat("set-", writer, "-", member); }

int64_t NumberOf(const Segment& segment, DocId document) {
  const auto fields = segment.fields().Get(document);
  EXPECT_TRUE(fields.ok()) << fields.status();
  for (const Field& field : *fields) {
    if (field.name == "n") return std::get<int64_t>(field.values.at(0));
  }
  return -1;
}

// The field "n" of every live document, by id.
std::map<std::string, int64_t> NumbersIn(const Snapshot& snapshot) {
  std::map<std::string, int64_t> numbers;
  for (const LiveSegment& live : snapshot.segments) {
    for (DocId d = 0; d < live.segment->num_documents(); ++d) {
      if (live.deleted_documents && live.deleted_documents->contains(d)) continue;
      const auto id = live.segment->Id(d);
      EXPECT_TRUE(id.ok()) << id.status();
      EXPECT_TRUE(numbers.emplace(*id, NumberOf(*live.segment, d)).second)
          << *id << " is there twice";
    }
  }
  return numbers;
}

// One thread's view of a collection that others write to.
class Watcher {
 public:
  void Look(const Snapshot& snapshot) {
    EXPECT_GE(snapshot.sequence, sequence_);
    EXPECT_GE(snapshot.generation, generation_);
    sequence_ = snapshot.sequence;
    generation_ = snapshot.generation;
    const std::map<std::string, int64_t> numbers = NumbersIn(snapshot);
    EXPECT_EQ(numbers.size(), snapshot.live_documents);
    for (int writer = 0; writer < kWriters; ++writer) LookAtSet(snapshot, numbers, writer);
    if (numbers.contains("counter")) {
      EXPECT_GE(numbers.at("counter"), counter_);
      counter_ = numbers.at("counter");
    }
  }

 private:
  void LookAtSet(const Snapshot& snapshot, const std::map<std::string, int64_t>& numbers,
                 int writer) {
    SearchOptions options;
    options.k = 2 * kSetSize;
    const auto found = TopK(snapshot, {{TestTerm(static_cast<uint64_t>(writer)), 1.0f}}, options);
    ASSERT_TRUE(found.ok()) << found.status();
    if (found->hits.empty()) {
      EXPECT_FALSE(numbers.contains(SetId(writer, 0)));
      return;
    }
    ASSERT_EQ(found->hits.size(), kSetSize);
    const int64_t round = numbers.at(SetId(writer, 0));
    EXPECT_GE(round, rounds_[writer]);
    rounds_[writer] = round;
    for (int member = 0; member < kSetSize; ++member) {
      EXPECT_EQ(found->hits[static_cast<size_t>(member)].id, SetId(writer, member));
      EXPECT_EQ(numbers.at(SetId(writer, member)), round);
    }
  }

  uint64_t sequence_ = 0;
  uint64_t generation_ = 0;
  int64_t counter_ = 0;
  std::map<int, int64_t> rounds_;
};

void ReplaceSet(LiveCollection& collection, int writer, int64_t round) {
  WriteBatch batch;
  for (int member = 0; member < kSetSize; ++member) {
    batch.writes.push_back(
        Put(SmallDocument(SetId(writer, member), {static_cast<uint64_t>(writer), 20}, round)));
  }
  if (round % 2 == 0) batch.request_id = absl::StrCat(writer, "-", round);
  const auto result =
      collection.Write(std::move(batch), round % 3 == 0 ? WaitFor::kLog : WaitFor::kSearchable);
  ASSERT_TRUE(result.ok()) << result.status();
  for (const WriteResult& write : result->results) EXPECT_TRUE(write.status.ok()) << write.status;
}

void DeleteSet(LiveCollection& collection, int writer) {
  WriteBatch batch;
  for (int member = 0; member < kSetSize; ++member) {
    batch.writes.push_back(Delete(SetId(writer, member)));
  }
  ASSERT_TRUE(collection.Write(std::move(batch), WaitFor::kSearchable).ok());
}

// Adds one to the field of the counter if nobody else did meanwhile; returns whether it could.
bool Count(LiveCollection& collection) {
  const auto snapshot = collection.Newest();
  for (const LiveSegment& live : snapshot->segments) {
    const auto found = live.segment->FindId("counter");
    if (!found.ok() || !found->has_value()) continue;
    if (live.deleted_documents && live.deleted_documents->contains(**found)) continue;
    const int64_t next = NumberOf(*live.segment, **found) + 1;
    WriteBatch batch;
    batch.writes.push_back(
        {UpdateFields{"counter", {{"n", {next}}}, {}}, live.segment->Version(**found).value()});
    const auto result = collection.Write(std::move(batch), WaitFor::kSearchable);
    EXPECT_TRUE(result.ok()) << result.status();
    const absl::Status status = result->results.at(0).status;
    EXPECT_TRUE(status.ok() || absl::IsAborted(status)) << status;
    return status.ok();
  }
  ADD_FAILURE() << "no counter";
  return false;
}

TEST(LiveModelTest, ManyThreadsWriteSearchFlushMergeAndCompactAtOnce) {
  const auto rounds = static_cast<int64_t>(FromEnvironment("FORAKER_LIVE_STEPS", 1500) / 10);
  LiveOptions options = TinyOptions();
  options.flush_bytes = 4 << 10;
  LiveDirectory live(options);
  LiveCollection& collection = live.collection();
  ASSERT_TRUE(collection.Write(BatchOf({Put(SmallDocument("counter", {21}))}), WaitFor::kLog).ok());

  std::atomic<int> writing = kWriters;
  std::atomic<int64_t> counted = 0;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      for (int64_t round = 1; round <= rounds; ++round) {
        ReplaceSet(collection, writer, round);
        if (Count(collection)) ++counted;
        if (round % 16 == 0 && round != rounds) DeleteSet(collection, writer);
      }
      --writing;
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      Watcher watcher;
      while (writing > 0) watcher.Look(*collection.Newest());
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; writing > 0; ++i) {
      const absl::Status status = i % 3 == 0 ? collection.Compact()
                                  : i % 3 == 1
                                      ? collection.Exclusively([] { return absl::OkStatus(); })
                                      : collection.Flush();
      EXPECT_TRUE(status.ok()) << status;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  for (std::thread& thread : threads) thread.join();

  for (const bool reopened : {false, true}) {
    if (reopened) live.Reopen();
    const auto numbers = NumbersIn(*live.collection().Newest());
    EXPECT_EQ(numbers.size(), 1 + kWriters * kSetSize);
    EXPECT_EQ(numbers.at("counter"), counted);
    for (int writer = 0; writer < kWriters; ++writer) {
      EXPECT_EQ(numbers.at(SetId(writer, 0)), rounds);
    }
    EXPECT_TRUE(live.collection().Stats().background_error.ok())
        << live.collection().Stats().background_error;
  }
}

}  // namespace
}  // namespace foraker::index

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/retrieval/searched_collection.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LinksTest : public ::testing::Test {
 protected:
  LinksTest() {
    const std::string text =
        "Herman Melville wrote of Moby Dick, and of Moby Dick alone. He knew New Bedford.";
    books_.Add({TestDocument("melville", "Herman Melville", text),
                TestDocument("book", "Moby-Dick", "A whale, told by Ishmael."),
                TestDocument("film", "Moby Dick (1956 film)", "A film."),
                TestDocument("town", "New Bedford", "A town that Herman Melville knew.")});
    searcher_ = books_.Open();
  }

  std::vector<Link> Links(const std::vector<PassageName>& passages) {
    auto links = searcher_->Links("books", "", passages);
    EXPECT_TRUE(links.ok()) << links.status();
    return links.ok() ? *std::move(links) : std::vector<Link>();
  }

  SearchedCollection books_;
  std::unique_ptr<LocalSearcher> searcher_;
};

TEST_F(LinksTest, MentionsOfTitlesNameTheDocumentsThatBearThem) {
  const std::vector<Link> links = Links({{"melville", 0}});
  ASSERT_EQ(links.size(), 3u);
  EXPECT_EQ(links[0].title, "moby dick");
  EXPECT_THAT(links[0].document_ids, ElementsAre("book", "film"));
  EXPECT_EQ(links[1].title, "moby dick");
  EXPECT_EQ(links[2].title, "new bedford");
  EXPECT_THAT(links[2].document_ids, ElementsAre("town"));
  EXPECT_GT(links[2].title_idf, 0);
  const auto documents = searcher_->Get("books", "", {"melville"});
  ASSERT_TRUE(documents.ok());
  EXPECT_EQ(
      (*documents)[0].text.substr(links[0].range.begin, links[0].range.end - links[0].range.begin),
      "Moby Dick");
}

TEST_F(LinksTest, ADocumentDoesNotLinkToItselfButOthersLinkToIt) {
  const std::vector<Link> links = Links({{"town", 0}});
  ASSERT_EQ(links.size(), 1u);
  EXPECT_EQ(links[0].source.document_id, "town");
  EXPECT_THAT(links[0].document_ids, ElementsAre("melville"));
}

TEST_F(LinksTest, ADeletedDocumentIsNoTarget) {
  books_.Delete({"book", "film"});
  ASSERT_TRUE(searcher_->Refresh().ok());
  const std::vector<Link> links = Links({{"melville", 0}});
  ASSERT_EQ(links.size(), 1u);
  EXPECT_EQ(links[0].title, "new bedford");
}

TEST_F(LinksTest, AtMostEightDocumentsAreNamed) {
  std::vector<index::Document> more;
  for (int i = 0; i < 20; ++i) {
    more.push_back(TestDocument("copy-" + std::to_string(i), "New Bedford", "Again."));
  }
  books_.Add(std::move(more));
  ASSERT_TRUE(searcher_->Refresh().ok());
  const std::vector<Link> links = Links({{"melville", 0}});
  ASSERT_EQ(links.size(), 3u);
  EXPECT_EQ(links[2].document_ids.size(), 8u);
}

TEST_F(LinksTest, PassagesThatDoNotExistAreErrorsThatNameThem) {
  EXPECT_EQ(searcher_->Links("books", "", {{"nobody", 0}}).status().message(),
            "passages: the collection has no document \"nobody\"");
  EXPECT_EQ(searcher_->Links("books", "", {{"book", 7}}).status().message(),
            "passages: document \"book\" has 1 passages, none of number 7");
  EXPECT_THAT(Links({}), IsEmpty());
}

TEST(LinksOfVectorsTest, ACollectionOfImportedVectorsHasNoLinks) {
  SearchedCollection vectors;
  vectors.settings().document = DocumentSide();
  vectors.settings().document.encoder = "vectors";
  vectors.settings().document.titles = false;
  vectors.AddEncoded({TestDocument("a", "", "")});
  const auto links = vectors.Open()->Links("books", "", {{"a", 0}});
  EXPECT_EQ(links.status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace foraker::retrieval

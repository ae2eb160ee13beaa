import numpy as np

from core.embedded.cache import EmbeddingCache


class Counting:
    """An encoder that counts what it is asked; a text's vector holds its length."""

    def __init__(self):
        self.asked = []

    def __call__(self, texts):
        self.asked += texts
        return np.array([np.full(384, len(text), dtype=np.float32) for text in texts])


def test_a_text_is_encoded_once_however_often_it_is_asked_for(tmp_path):
    encode = Counting()
    cache = EmbeddingCache(tmp_path / "e.sqlite", encode)
    vectors = cache.embed(["aa", "b", "aa"])
    cache.embed(["b", "aa"])
    assert sorted(encode.asked) == ["aa", "b"]
    assert vectors[:, 0].tolist() == [2, 1, 2]


def test_vectors_survive_a_restart_bit_for_bit(tmp_path):
    generator = np.random.default_rng(0)
    original = generator.normal(size=(1, 384)).astype(np.float32)
    EmbeddingCache(tmp_path / "e.sqlite", lambda texts: original).embed(["text"])
    encode = Counting()
    np.testing.assert_array_equal(EmbeddingCache(tmp_path / "e.sqlite", encode).embed(["text"]), original)
    assert encode.asked == []


def test_two_caches_over_one_file_share_what_either_encoded(tmp_path):
    first, second = Counting(), Counting()
    a, b = EmbeddingCache(tmp_path / "e.sqlite", first), EmbeddingCache(tmp_path / "e.sqlite", second)
    a.embed(["x"])
    b.embed(["x", "yy"])
    assert second.asked == ["yy"]


def test_more_texts_than_one_query_may_name_are_all_found(tmp_path):
    texts = [str(n) for n in range(1201)]
    EmbeddingCache(tmp_path / "e.sqlite", Counting()).embed(texts)
    encode = Counting()
    found = EmbeddingCache(tmp_path / "e.sqlite", encode).embed(texts)
    assert encode.asked == [] and found[1200, 0] == 4

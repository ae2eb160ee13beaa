"""Which key of a JSON answer holds the answer: told by the name of the key, taken at its word.

A name announces the answer where every word of it does: "final_label", "article_category". A word nobody knows before
it ("context_label") makes it no better than a key whose name says nothing; one that says something else never holds it.
"""

import re
from functools import lru_cache

from core.spelling import fold

SURE, NAMED, USUAL, UNNAMED, LISTED, NEVER = range(6)
_LONGEST = 100


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NUMBERED = re.compile(r"(?<=[^\W\d_])(?=\d)")
_NUMBER = re.compile(r"(?: \d{1,3}){1,2}$")
"""A key that is one of several of its kind: "sentence_1", "text2"."""

_SURE = {"label"}
_NAMED = _words(
    "answer category class classification prediction predicted choice verdict"
    # the same in other languages
    " kategorie klasse klassifikation klassifizierung antwort etikett catégorie classe étiquette réponse categoría"
    " clase etiqueta respuesta categoria rótulo resposta etichetta risposta категория метка класс ответ kategoria"
    " etykieta odpowiedź kategori etiket sınıf cevap categorie antwoord nhãn 标签 標籤 类别 類別 分类 分類 答案 ラベル"
    " カテゴリ カテゴリー 答え 回答 분류 라벨 레이블 카테고리 답변 정답"
)
_USUAL = _words(
    "sentiment topic type tag intent decision genre section theme result output response value selected"
    " selection chosen final kind name emotion stance arguments parameters"
)
_LISTS = _words("labels categories classes options choices candidates enum allowed topics tags answers types values")
_ABOUT = _words(
    "reason reasons reasoning explanation explain why rationale justification thought thoughts thinking"
    " analysis evidence comment comments note notes quote quotes summary description step steps reflection"
    " scratchpad detail details context process cot plan plans planning observation observations remark"
    " remarks caveat caveats clue clues cue cues assumption assumptions consideration considerations"
    " argument fact facts hint hints feedback limitation text texts input inputs prompt query question"
    " headline title sentence document article body message messages item excerpt snippet post posts tweet"
    " tweets caption passage paragraph chunk abstract transcript utterance dialogue conversation history"
    " memory background email story mention mentions mentioned phrase phrases term terms word words entity"
    " entities person people place location organization author speaker role model language lang id index"
    " instruction instructions guideline guidelines task system schema definition keyword keywords date"
    " time year confidence score scores probability probabilities certainty logprob logprobs weight user"
    " source url status length count error errors warning warnings exception metadata meta info"
    " information debug log trace disclaimer"
    # the same in other languages
    " begründung grund gründe erklärung erläuterung analyse texte titel überschrift eingabe frage nachricht kommentar"
    " hinweis gedanken überlegung raison raisonnement explication titre entrée motif razón razonamiento justificación"
    " explicación motivo texto título entrada pregunta justificativa explicação razão raciocínio motivazione"
    " spiegazione ragionamento testo titolo причина обоснование объяснение пояснение текст рассуждение заголовок"
    " комментарий uzasadnienie powód tekst gerekçe neden açıklama metin reden uitleg toelichting motivering förklaring"
    " 理由 原因 解释 解釋 分析 依据 依據 说明 說明 文本 原文 文章 标题 標題 思考 推理"
    " テキスト 本文 説明 根拠 이유 설명 텍스트 근거"
)
_ANNOUNCING = _words(
    "predicted final assigned chosen selected best correct right most likely primary main top overall"
    " model assistant output result the my your this single one only is suggested proposed recommended"
    " appropriate suitable text article news document item content topic sentiment intent emotion genre"
    " headline subject spam tone"
)
_OTHER = re.compile(
    r"\b(?:not|non|no|none|never|nor|neither|others?|another|alternatives?|alternate|alt|closest|nearest|near|close"
    r"|second|secondary|third|runner|rejected|excluded?|excluding|except|considered|considering|previous|prior|former"
    r"|past|initial|examples?|few|gold|golden|true|truth|ground|expected|reference|default|fallback|parent|super|less"
    r"|least|lowest|worst|weak(?:er|est)?|opposite|opposing|negative|wrong|incorrect|false|possible|potential|tentative"
    r"|preliminary|provisional|original|old|draft|rough|discard(?:ed)?|dismiss(?:ed)?|ruled|eliminated?|similar|related"
    r"|un(?:likely|sure|certain|related|suitable|fit|fitting|selected|chosen|supported)|im(?:possible|probable|plausible)"
    r"|in(?:valid|appropriate|applicable)|ir(?:relevant)|dis(?:allowed|qualified|regarded|carded)|mis\w+|confus\w+"
    r"|tempting|competing|contrast\w*|contrary|contradict\w+|distractor|decoy|hypothetical|random|dummy|placeholder|sample"
    r"|avoid(?:ed)?|ignored?|skip(?:ped)?|removed?|deleted|dropped|deprecated|forbidden|denied|refused|declined|refuted"
    r"|counter\w*|anti|versus|vs|absent|lacking|without|instead|rather|ambiguous|borderline|almost|given|existing|human"
    r"|annotated|annotator|manual|bad)\b"
)
_OF = re.compile(r" (?:for|of|behind|to|about|why|in|if|when|with|than|from|by|as|unless|like|but|between) ")
_JOINED = re.compile(r"\B(label|category|classification|prediction|answer)\b")
_SMALL = {"a", "an", "and", "it", "that", "for", "of", "to", "about", "in"}


def rank(key: str) -> int:
    """How surely a key holds the answer, best first: a label by name, an answer by name, what is usual, what is left.

    The last word tells, or the last before "of" or "for": a `label_confidence` is none, a `reason_for_label` neither.
    """
    return _rank(key[:_LONGEST])


@lru_cache(1_024)
def _rank(key: str) -> int:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)
    plain = _JOINED.sub(r" \1", re.sub(r"[^\w+#]|_", " ", fold(apart)))
    plain = _NUMBER.sub("", " ".join(_NUMBERED.sub(" ", plain).split()))
    if _OTHER.search(plain):
        return NEVER
    head = next(iter(_OF.split(plain)[0].split()[::-1]), "")
    if head in _ABOUT:
        return NEVER
    if head in _LISTS:
        return LISTED
    names = ((SURE, _SURE), (NAMED, _NAMED), (USUAL, _USUAL))
    found = next((rank for rank, words in names if head in words), UNNAMED)
    beside = [word for word in plain.split() if word != head and word not in _SMALL]
    known = _ANNOUNCING | _SURE | _NAMED
    return found if all(word in known for word in beside) else UNNAMED


_CALLED = {"arguments", "parameters", "args", "params", "tool input", "action input", "kwargs"}
_CALLS = {"function", "function call", "functioncall", "tool call", "tool calls", "toolcall"}
_CALLERS = {"name", "tool", "tool name", "function", "function name", "action", "recipient name"}


def is_call(key: str, keys: list[str]) -> bool:
    """Whether a key among these holds what a tool was called with, so that the tool's own name is no answer."""
    folded = {fold(one) for one in keys}
    return fold(key) in _CALLS or (fold(key) in _CALLED and bool(folded & _CALLERS))

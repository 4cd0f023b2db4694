"""Which language a message is in, guessed from the words that only one of the four uses. Pure."""

from __future__ import annotations

from collections.abc import Iterable

# Function words and the words people begin with. What several languages share (taxi, moto, ok) and what
# everybody says (hi, hello) is no evidence, so it stands in none of them.
_WORDS = {
    "en": "the an you my your want need please how what where when who is are do does can could would "
    "to of and for with find looking help near nearby book ride house apartment rent job jobs shop buy sell "
    "pay good morning afternoon evening thanks thank today tomorrow price cheap work english",
    "fr": "bonjour bonsoir salut je j tu vous nous il elle le les un une des du de et ou mon ma mes votre "
    "veux voudrais cherche chercher besoin avec pour dans quel quelle comment combien merci maison louer "
    "travail emploi boulot acheter vendre voiture argent aide prix aujourd hui demain francais svp",
    "rw": "muraho mwaramutse mwiriwe amakuru bite ndashaka nkeneye ndi mfite murakoze yego oya ariko kandi "
    "inzu gukodesha akazi umurimo imodoka igare urugendo kugura kugurisha amafaranga ubufasha mfasha "
    "nshaka gushaka hehe ryari gute iki ejo uyu munsi nimugoroba mugitondo ikinyarwanda kubona mumfashe",
    "sw": "habari jambo mambo nataka ninataka ninahitaji nahitaji natafuta tafadhali asante sana ndiyo "
    "hapana wapi lini gani nini vipi nyumba kupanga kazi gari pikipiki safari kununua kuuza duka pesa "
    "msaada nisaidie bei leo kesho asubuhi jioni kiswahili mimi wewe yangu kwa katika",
}

_LANGUAGE_OF: dict[str, str] = {
    word: language for language, words in _WORDS.items() for word in words.split()
}


def guess_language(words: Iterable[str]) -> str | None:
    """The language most of the telling words belong to; None without evidence, or on a tie."""
    scores: dict[str, int] = {}
    for word in words:
        language = _LANGUAGE_OF.get(word)
        if language is not None:
            scores[language] = scores.get(language, 0) + 1
    if not scores:
        return None
    best = max(scores.values())
    leaders = [language for language, score in scores.items() if score == best]
    return leaders[0] if len(leaders) == 1 else None

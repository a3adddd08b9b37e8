"""What people type stays nowhere in memory, however much of it there is."""

from random import Random

from measure_memory import grown, questions

from intents.question import Question


def test_words_that_the_data_do_not_have_are_remembered_for_one_answer_alone(assistant):
    lexicon = assistant.answerer.searcher.index.lexicon
    for text in questions(8, Random(3)):
        assistant.ask(Question(text))
        assert lexicon._typed.cache_info().currsize == 0
    assert lexicon._known.cache_info().currsize > 0
    assert assistant.answerer.searcher.embedder.queries(["xyzzq"]).any()


def test_memory_is_flat_under_words_that_nobody_has_used(assistant):
    grown(assistant, 40)
    early, late = grown(assistant, 160)
    assert late < 1.1 * early

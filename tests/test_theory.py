"""The formulas against values from the literature, and against each other."""

import math

import pytest

import hubnet as hn


def test_erlang_b_against_the_tables():
    # a classic table entry: 10 lines carry 4.461 erlang at 1% blocking
    assert hn.theory.erlang_b(10, 4.461) == pytest.approx(0.01, rel=1e-3)


def test_erlang_c_by_hand():
    # two servers, load 1: p0 = 1/3, C = load^2 / 2 * 1 / (1 - 1/2) * p0 = 1/3
    assert hn.theory.erlang_c(servers=2, load=1.0) == pytest.approx(1 / 3)
    # one server: the probability of waiting is the load itself
    assert hn.theory.erlang_c(1, 0.7) == pytest.approx(0.7)


def test_one_exponential_server_is_a_special_case_of_both():
    assert hn.theory.mmc_wait(1, 0.8, 2.0) == pytest.approx(hn.theory.mg1_wait(0.8, 2.0, cv2=1.0))


def test_the_quantile_inverts_the_tail():
    t = hn.theory.mmc_wait_quantile(4, 3.2, 1.0, 0.95)
    assert hn.theory.erlang_c(4, 3.2) * math.exp(-(4 - 3.2) * t) == pytest.approx(0.05)
    assert hn.theory.mmc_wait_quantile(4, 0.1, 1.0, 0.5) == 0


def test_an_unstable_queue_has_no_answer():
    with pytest.raises(hn.InputError, match="unstable"):
        hn.theory.erlang_c(4, 4.0)

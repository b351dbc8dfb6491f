#!/usr/bin/env python3
"""How well the labelled subscribers can be told apart at all: boosted and randomised trees straight on the aggregates that the
training's calls and messages are expanded from, which is more than any stream of them tells. Same fifths, same intervals as
behaviour-fifths.ts, which writes the file of fifths.

    pip install scikit-learn lightgbm; python3 behaviour-ceiling.py PROFILES.csv FIFTHS.csv >> results.jsonl
"""
import csv
import json
import sys

import lightgbm as lgb
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score

CALLS = """opposite_count opposite_unique voccalltype1 voc_calltype1 phone2opposite_mean phone2opposite_median
phone2opposite_max call_dur_mean call_dur_median call_dur_max call_dur_min voc_hour_mode voc_hour_mode_count
voc_hour_nunique voc_day_mode voc_day_mode_count voc_day_nunique""".split()
MESSAGES = """sms_count sms_nunique sms_rate calltype_2 calltype_rate hour_mode hour_mode_count hour_nunique day_mode
day_mode_count day_nunique""".split()
DRAWS = 1000
T_OF_FIVE = 2.776


def probabilities(train, labels, test):
    """Mean of three boostings and a forest of randomised trees."""
    out = np.zeros(len(test))
    for seed in range(3):
        boosting = lgb.LGBMClassifier(
            n_estimators=500, learning_rate=0.02, num_leaves=15, min_child_samples=20, subsample=0.7, subsample_freq=1,
            colsample_bytree=0.5, reg_lambda=5, random_state=seed, verbose=-1, n_jobs=1)
        out += boosting.fit(train, labels).predict_proba(test)[:, 1] / 6
    forest = ExtraTreesClassifier(600, min_samples_leaf=2, max_features=0.5, random_state=0, n_jobs=1)
    return out + forest.fit(train, labels).predict_proba(test)[:, 1] / 2


def recall_at(labels, scores, rate):
    ham = np.sort(scores[labels == 0])[::-1]
    return float((scores[labels == 1] > ham[int(rate * len(ham) + 1e-9)]).mean())


MEASURES = {
    "auc": roc_auc_score,
    "recallAt1pct": lambda labels, scores: recall_at(labels, scores, 0.01),
    "recallAt0_1pct": lambda labels, scores: recall_at(labels, scores, 0.001),
}


def estimate(value, low, high):
    return {"value": round(float(value), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def estimates(labels, scores):
    random = np.random.default_rng(1)
    draws = [random.integers(0, len(labels), len(labels)) for _ in range(DRAWS)]
    return {
        name: estimate(of(labels, scores), *np.quantile([of(labels[d], scores[d]) for d in draws], [0.025, 0.975]))
        for name, of in MEASURES.items()
    }


def mean_of_fifths(fifths):
    out = {}
    for name in MEASURES:
        values = np.array([fifth[name]["value"] for fifth in fifths])
        half = T_OF_FIVE * values.std(ddof=1) / np.sqrt(len(values))
        out[name] = estimate(values.mean(), values.mean() - half, values.mean() + half)
    return out


def say(name, calls_only, labels, figures):
    head = {"recipe": "trees on the profiles", "trial": "behaviour ceiling", "name": name, "callsOnly": calls_only}
    print(json.dumps({**head, "parties": len(labels), **figures}), flush=True)


profiles = list(csv.DictReader(open(sys.argv[1])))
# One row a party in both files, in the same order: expand-profiles.mjs writes the labels as it reads the profiles.
fifth_of = np.array([int(row["fifth"]) for row in csv.DictReader(open(sys.argv[2]))])
assert len(fifth_of) == len(profiles), "the fifths are of other profiles"

for calls_only in (False, True):
    rows = np.array([not calls_only or float(row["opposite_count"] or 0) > 0 for row in profiles])
    columns = CALLS if calls_only else CALLS + MESSAGES
    inputs = np.array([[float(row[column] or 0) for column in columns] for row in profiles])[rows]
    labels = np.array([int(float(row["label"])) for row in profiles])[rows]
    fifth = fifth_of[rows]
    scores = np.zeros(len(labels))
    each = []
    for k in range(5):
        held = fifth == k
        scores[held] = probabilities(inputs[~held], labels[~held], inputs[held])
        each.append(estimates(labels[held], scores[held]))
        say(f"fifth {k}", calls_only, labels[held], each[-1])
    say("mean of fifths", calls_only, labels, mean_of_fifths(each))
    say("pooled", calls_only, labels, estimates(labels, scores))

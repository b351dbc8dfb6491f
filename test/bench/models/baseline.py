#!/usr/bin/env python3
"""The baseline of the text model's card: character 2-5-grams, TF-IDF, logistic regression (scikit-learn), each file left out
of training in turn. Same files and same de-duplication as trials.ts.

    pip install scikit-learn; python3 baseline.py DATA [FILE ...]
"""
import re
import sys

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

FILES = "uci-sms youtube indonesian turkish thai telegram arabic nus-en nus-zh".split()


def read(folder):
    first, disputed = {}, set()
    for name in FILES:
        for line in open(f"{folder}/{name}.tsv", encoding="utf8").read().split("\n")[1:]:
            if not line:
                continue
            label, _, *text = line.rstrip("\r").split("\t")
            text = " ".join(text)
            key = re.sub(r"\s+", " ", text.lower()).strip()
            row = (name, text, int(label == "spam"))
            if key not in first:
                first[key] = row
            elif first[key][2] != row[2]:
                disputed.add(key)
    return [row for key, row in first.items() if key not in disputed]


def recall_at(labels, scores, rate):
    ham = np.sort(scores[labels == 0])[::-1]
    return float((scores[labels == 1] > ham[int(rate * len(ham) + 1e-9)]).mean())


rows = read(sys.argv[1])
for left_out in sys.argv[2:] or FILES:
    train = [row for row in rows if row[0] != left_out]
    test = [row for row in rows if row[0] == left_out]
    grams = TfidfVectorizer(analyzer="char", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
    model = LogisticRegression(C=10, solver="liblinear")
    model.fit(grams.fit_transform([row[1] for row in train]), [row[2] for row in train])
    scores = model.predict_proba(grams.transform([row[1] for row in test]))[:, 1]
    labels = np.array([row[2] for row in test])
    if labels.any():
        print(left_out, f"auc {roc_auc_score(labels, scores):.4f} recall@1% {recall_at(labels, scores, 0.01):.3f}", flush=True)
    else:
        print(left_out, f"false positives at one half {(scores >= 0.5).mean():.4f}", flush=True)

#!/usr/bin/env python3
"""A rotated cv2.matchTemplate pyramid, timed in turns with `inspect match` on one thread.

usage: match_template.py INSPECT TEMPLATE PICTURE [A0,A1] [MIN_SCORE] [MAX] [ROUNDS]
Prints the matches of both and the medians of their times in milliseconds.
"""
import json
import math
import statistics
import subprocess
import sys
import time

import cv2
import numpy as np


def turned(template, degrees):
    """The template turned anticlockwise in a picture that holds it, and the mask of its pixels."""
    height, width = template.shape
    radians = math.radians(degrees)
    c, s = abs(math.cos(radians)), abs(math.sin(radians))
    w, h = math.ceil(width * c + height * s), math.ceil(width * s + height * c)
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    matrix[:, 2] += ((w - width) / 2, (h - height) / 2)
    picture = cv2.warpAffine(template, matrix, (w, h), borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpAffine(np.full_like(template, 255), matrix, (w, h))
    return picture, mask


class Pyramid:
    def __init__(self, template, angles, least_area=256):
        self.levels = [template]
        while self.levels[-1].size / 4 >= least_area:
            self.levels.append(cv2.pyrDown(self.levels[-1]))
        self.angles = angles
        self.top = len(self.levels) - 1
        coarse = self.levels[self.top]
        self.step = math.degrees(math.atan(2 / max(coarse.shape)))
        count = max(1, round((angles[1] - angles[0]) / self.step))
        grid = [angles[0]] if angles[0] == angles[1] else [
            angles[0] + (angles[1] - angles[0]) * i / count for i in range(count)]
        self.turned = [(a, *turned(coarse, a)) for a in grid]
        self.cache = {}

    def at(self, level, degrees):
        key = (level, round(degrees, 3))
        if key not in self.cache:
            self.cache[key] = turned(self.levels[level], degrees)
        return self.cache[key]

    def score(self, picture, template, mask):
        if template.shape[0] > picture.shape[0] or template.shape[1] > picture.shape[1]:
            return None
        if mask.min() == 255:
            scores = cv2.matchTemplate(picture, template, cv2.TM_CCOEFF_NORMED)
        else:
            scores = cv2.matchTemplate(picture, template, cv2.TM_CCOEFF_NORMED, mask=mask)
        scores[~np.isfinite(scores)] = -1
        return scores

    def find(self, picture, least, most):
        pictures = [picture]
        for _ in range(self.top):
            pictures.append(cv2.pyrDown(pictures[-1]))
        found = []
        for degrees, template, mask in self.turned:
            scores = self.score(pictures[self.top], template, mask)
            if scores is None:
                continue
            for _ in range(most + 5):
                _, value, _, (x, y) = cv2.minMaxLoc(scores)
                if value < 0.8 * least:
                    break
                h, w = template.shape
                found.append((value, x + (w - 1) / 2, y + (h - 1) / 2, degrees))
                scores[max(0, y - h // 4):y + h // 4 + 1, max(0, x - w // 4):x + w // 4 + 1] = -1
        found = self.apart(sorted(found, reverse=True), 2 ** self.top)[: 2 * most + 5]
        for level in range(self.top - 1, -1, -1):
            step = 0 if self.angles[0] == self.angles[1] else self.step / 2 ** (self.top - level)
            finer = []
            for _, x, y, degrees in found:
                best = None
                for turn in (-step, 0, step) if step else (0,):
                    template, mask = self.at(level, degrees + turn)
                    h, w = template.shape
                    left = max(0, int(2 * x - (w - 1) / 2) - 3)
                    top = max(0, int(2 * y - (h - 1) / 2) - 3)
                    window = pictures[level][top:top + h + 7, left:left + w + 7]
                    scores = self.score(window, template, mask)
                    if scores is None:
                        continue
                    _, value, _, (i, j) = cv2.minMaxLoc(scores)
                    if best is None or value > best[0]:
                        best = (value, left + i + (w - 1) / 2, top + j + (h - 1) / 2, degrees + turn)
                if best and best[0] >= least * (1 if level == 0 else 0.9):
                    finer.append(best)
            found = finer
        return self.apart(sorted(found, reverse=True), 1)[:most]

    def apart(self, found, factor):
        """The best of those that cover each other."""
        radius = min(self.levels[0].shape) / factor / 3
        kept = []
        for one in found:
            if all(math.hypot(one[1] - k[1], one[2] - k[2]) > radius for k in kept):
                kept.append(one)
        return kept


def main():
    program, template_path, picture_path = sys.argv[1:4]
    rest = sys.argv[4:] + ["-180,180", "0.7", "20", "9"][len(sys.argv) - 4:]
    angles, least, most, rounds = rest[0], float(rest[1]), int(rest[2]), int(rest[3])
    cv2.setNumThreads(1)
    template, picture = cv2.imread(template_path, 0), cv2.imread(picture_path, 0)
    peer = Pyramid(template, tuple(float(a) for a in angles.split(",")))
    ours, theirs = [], []
    for _ in range(rounds):
        line = subprocess.run(
            [program, "match", "-t", template_path, "-i", picture_path, "--angles", angles,
             "--min-score", str(least), "--max-matches", str(most)],
            check=True, capture_output=True, text=True).stdout
        answer = json.loads(line)
        ours.append(answer["elapsed_ms"])
        start = time.perf_counter()
        found = peer.find(picture, least, most)
        theirs.append((time.perf_counter() - start) * 1000)
    for match in answer["matches"]:
        print("ours ", {k: round(v, 3) for k, v in match.items()})
    for value, x, y, degrees in found:
        print("peer ", {"x": x, "y": y, "angle": round(degrees, 2), "score": round(value, 3)})
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"ours {a:.2f} ms, matchTemplate pyramid {b:.2f} ms, ratio {b / a:.1f}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Times the benchmark's cases with the OpenCV of the Python wheel, in turns with `inspect bench`.

usage: opencv5.py INSPECT PICTURE [ROUNDS]    (pip install opencv-python-headless)
Prints a line a case: ours, OpenCV's, ratio (OpenCV's time by ours); medians of all turns, one thread.
"""
import json
import math
import statistics
import subprocess
import sys
import time

import cv2
import numpy as np


def cases(picture):
    turned = cv2.rotate(picture, cv2.ROTATE_180)
    _, binary = cv2.threshold(picture, 0, 255, cv2.THRESH_OTSU)
    height, width = picture.shape
    half = (width // 2, height // 2)
    turn = np.array([[0.99619470, 0.08715574, -84.6], [-0.08715574, 0.99619470, 110.6]])
    window = cv2.getStructuringElement(cv2.MORPH_RECT, (15, 15))
    clahe = cv2.createCLAHE(2, (8, 8))

    def gradient():
        dx, dy = cv2.spatialGradient(picture, ksize=3)
        return cv2.add(cv2.convertScaleAbs(dx), cv2.convertScaleAbs(dy))

    return {
        "threshold": lambda: cv2.threshold(picture, 127, 255, cv2.THRESH_BINARY),
        "otsu": lambda: cv2.threshold(picture, 0, 255, cv2.THRESH_OTSU),
        "adaptive-mean-31": lambda: cv2.adaptiveThreshold(
            picture, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 31, 5),
        "box-15": lambda: cv2.blur(picture, (15, 15)),
        "gaussian-5": lambda: cv2.GaussianBlur(picture, (5, 5), 0),
        "gaussian-5-s1.1": lambda: cv2.GaussianBlur(picture, (5, 5), 1.1),
        "median-3": lambda: cv2.medianBlur(picture, 3),
        "median-5": lambda: cv2.medianBlur(picture, 5),
        "bilateral-9": lambda: cv2.bilateralFilter(picture, 9, 50, 5),
        "sobel": lambda: cv2.Sobel(picture, cv2.CV_16S, 1, 0),
        "gradient": gradient,
        "canny": lambda: cv2.Canny(picture, 50, 150),
        "erode-15": lambda: cv2.erode(picture, window),
        "equalize": lambda: cv2.equalizeHist(picture),
        "clahe": lambda: clahe.apply(picture),
        "histogram": lambda: cv2.calcHist([picture], [0], None, [256], [0, 256]),
        "absdiff": lambda: cv2.absdiff(picture, turned),
        "resize-half": lambda: cv2.resize(picture, half),
        "pyramid-down": lambda: cv2.pyrDown(picture),
        "warp-5deg": lambda: cv2.warpAffine(picture, turn, (width, height)),
        "distance": lambda: cv2.distanceTransform(binary, cv2.DIST_L2, cv2.DIST_MASK_PRECISE),
        "blobs": lambda: cv2.connectedComponentsWithStats(binary),
    }


def main():
    program, path = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    cv2.setNumThreads(1)
    picture = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    peers = cases(picture)
    ours, theirs = {}, {name: [] for name in peers}
    known = subprocess.run(
        [program, "bench", "--ops", "all", "--size", "64", "--rounds", "3", "--json"],
        capture_output=True, text=True, check=True).stdout
    names = [n for n in peers if f'"op":"{n}"' in known]
    for _ in range(rounds):
        for name in names:
            line = subprocess.run(
                [program, "bench", "--ops", name, "-i", path, "--threads", "1", "--rounds", "9", "--json"],
                capture_output=True, text=True, check=True).stdout
            result = next(r for r in map(json.loads, line.splitlines()) if r["op"] == name)
            ours.setdefault(name, []).append(result["native_ms"])
            for i in range(11):
                start = time.perf_counter()
                peers[name]()
                if i > 1:
                    theirs[name].append((time.perf_counter() - start) * 1000)
    ratios = []
    for name in names:
        a, b = statistics.median(ours[name]), statistics.median(theirs[name])
        ratios.append(b / a)
        print(f"{name:20s} {a:9.3f} {b:9.3f} {b / a:7.2f}")
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"OpenCV {cv2.__version__}, geometric mean of the ratios {mean:.2f}")


main()

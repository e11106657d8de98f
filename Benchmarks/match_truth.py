#!/usr/bin/env python3
"""Matching against exact truth: parts given as formulas, rendered at known poses between pixels.

  match_truth.py INSPECT [--count 40] [--seed 1] [--size 200]

For both methods: how far places and angles are off (root of the mean square of the distance, and of the
angle) with noise of 0 to 5 grey values. For `shape` besides: 30 % of the part covered, half the contrast,
a gradient of the light, clutter, and all of it; for every trouble the F measure, and as many pictures
again without the part, in which nothing may be found. Exits with 1 where a figure is not held.
"""
import argparse, json, math, os, subprocess, sys, tempfile

import numpy as np


def edge(distance, blur=0.8):
    """1 inside, 0 outside of a shape, as a lens shows it."""
    return 0.5 * (1 - np.tanh(distance / blur))


class Part:
    """Grey values over the part's own coordinates: plates, bars and holes with soft edges, and a texture."""

    def __init__(self, random, size):
        half = size / 2
        self.half = half
        self.body = [(random.uniform(-.35, .35) * half, random.uniform(-.35, .35) * half,
                      random.uniform(.2, .45) * half, random.uniform(.1, .4) * half,
                      random.uniform(0, math.pi), random.uniform(130, 220)) for _ in range(5)]
        self.holes = [(random.uniform(-.6, .6) * half, random.uniform(-.6, .6) * half,
                       random.uniform(.05, .15) * half, random.uniform(20, 90)) for _ in range(6)]
        self.waves = [(random.uniform(-.25, .25), random.uniform(-.25, .25), random.uniform(0, 6), random.uniform(1, 4))
                      for _ in range(6)]

    def level(self, x, y, ground):
        """Where a point is outside the part's square, the ground shows."""
        level = np.full_like(x, 60.0)
        for cx, cy, w, h, turn, tone in self.body:
            c, s = math.cos(turn), math.sin(turn)
            u, v = c * (x - cx) - s * (y - cy), s * (x - cx) + c * (y - cy)
            level += (tone - level) * edge(np.maximum(abs(u) - w, abs(v) - h))
        for cx, cy, r, tone in self.holes:
            level += (tone - level) * edge(np.hypot(x - cx, y - cy) - r)
        for fx, fy, phase, size in self.waves:
            level += size * np.sin(fx * x + fy * y + phase)
        inside = edge(np.maximum(abs(x), abs(y)) - self.half - 3)
        return ground + (level - ground) * inside

    def template(self):
        side = int(2 * self.half)
        centre = (side - 1) / 2
        y, x = np.mgrid[0:side, 0:side] - centre
        return np.clip(self.level(x, y, np.full_like(x, 60.0)) + .5, 0, 255).astype(np.uint8)


def clutter(random, width, height, count):
    y, x = np.mgrid[0:height, 0:width].astype(float)
    ground = np.full((height, width), 60.0)
    for _ in range(count):
        cx, cy = random.uniform(0, width), random.uniform(0, height)
        turn, w, h = random.uniform(0, math.pi), random.uniform(5, 40), random.uniform(2, 20)
        c, s = math.cos(turn), math.sin(turn)
        u, v = c * (x - cx) - s * (y - cy), s * (x - cx) + c * (y - cy)
        shape = np.hypot(u, v) - w if random.uniform() < .4 else np.maximum(abs(u) - w, abs(v) - h)
        ground += (random.uniform(20, 230) - ground) * edge(shape)
    return ground


def scene(random, part, trouble, noise, has_part=True):
    """A picture, and the pose (x, y, degrees) in it."""
    has = lambda one: trouble in (one, "all")
    size = int(2 * part.half)
    width, height = int(3.2 * size), int(2.6 * size)
    pose = (random.uniform(.8 * size, width - .8 * size), random.uniform(.8 * size, height - .8 * size),
            random.uniform(-180, 180))
    y, x = np.mgrid[0:height, 0:width].astype(float)
    level = clutter(random, width, height, 30 if has("clutter") else 0)
    a, b = math.cos(math.radians(pose[2])), math.sin(math.radians(pose[2]))
    dx, dy = x - pose[0], y - pose[1]
    px, py = a * dx - b * dy, b * dx + a * dy
    if has_part:
        level = part.level(px, py, level)
    if has("cover"):
        # A strip across the part that hides three tenths of its square.
        turn, place = random.uniform(0, math.pi), random.uniform(-.25, .25) * size
        wide = .3 * size if trouble == "cover" else .2 * size
        across = math.cos(turn) * dx + math.sin(turn) * dy - place
        level += (random.uniform(20, 230) - level) * edge(abs(across) - wide / 2)
    if has("faint"):
        level = 70 + .5 * (level - 60)
    if has("light"):
        level = level * (1 + random.uniform(.2, .4) * (x / width - .5) * 2 * random.choice([-1, 1]))
    level = level + random.normal(0, noise, level.shape) if noise else level
    return np.clip(level + .5, 0, 255).astype(np.uint8), pose


def write(path, picture):
    with open(path, "wb") as file:
        file.write(b"P5\n%d %d\n255\n" % picture.shape[::-1] + picture.tobytes())


def find(inspect, template, pictures, method, score):
    line = [inspect, "match", "-t", template, "--method", method, "--angles", "-180,180"]
    line += [word for path in pictures for word in ("-i", path)] + (["--min-score", str(score)] if score else [])
    out = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    return [json.loads(one)["matches"] for one in out.splitlines()]


def run(inspect, folder, method, trouble, count, seed, size, score=None):
    random = np.random.default_rng([seed, sum(map(ord, trouble))])
    hits = reported = false = 0
    places, turns = [], []
    for group in range(0, count, 10):
        part = Part(random, size)
        template = os.path.join(folder, "template.pgm")
        write(template, part.template())
        paths, poses = [], []
        for index in range(2 * min(10, count - group)):
            picture, pose = scene(random, part, trouble, index % 6 if trouble != "all" else 2, index % 2 == 0)
            paths.append(os.path.join(folder, f"{index}.pgm"))
            poses.append(pose if index % 2 == 0 else None)
            write(paths[-1], picture)
        for pose, found in zip(poses, find(inspect, template, paths, method, score)):
            reported += len(found)
            if pose is None:
                false += len(found)
                continue
            for match in found:
                away = math.hypot(match["x"] - pose[0], match["y"] - pose[1])
                turn = abs((match["angle"] - pose[2] + 180) % 360 - 180)
                if away < 3 and turn < 2:
                    hits += 1
                    places.append(away)
                    turns.append(turn)
    f = 200 * hits / (reported + count)
    rms = lambda v: math.sqrt(sum(e * e for e in v) / max(1, len(v)))
    print(f"{method:6}{trouble:8} F {f:6.2f}  place {rms(places):.4f} px  angle {rms(turns):.4f} degrees  "
          f"(worst {max(places, default=0):.3f}, {max(turns, default=0):.3f})  false {false}", flush=True)
    return f, rms(places), rms(turns)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inspect")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=200)
    options = parser.parse_args()
    print(f"seed {options.seed}, templates of {options.size} pixels")
    held = True
    with tempfile.TemporaryDirectory() as folder:
        for method in ("ncc", "shape"):
            f, place, angle = run(options.inspect, folder, method, "noise", options.count, options.seed, options.size)
            held &= f >= 98 and place <= .02 and angle <= .02 * 200 / options.size
        for trouble in ("cover", "faint", "light", "clutter", "all"):
            score = .4 if trouble == "all" else None
            held &= run(options.inspect, folder, "shape", trouble, options.count, options.seed, options.size, score)[0] >= 98
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()

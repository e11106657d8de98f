#!/usr/bin/env python3
"""Escapes and overkill of the sample recipes on rendered parts, part by part and flaw by flaw.

  scenes.py INSPECT [--count 2000] [--seeds 1,2,3] [--jobs 2] [--scenes board,surface,parts]

For every scene and seed: renders the parts, half of them with flaws, inspects them with
samples/SCENE/recipe.json5, or what `recipe new --scene SCENE` writes, and compares with the exact truth. Prints a line each and exits with 1 where
a flaw of at least 4 x 4 pixels was missed or a good part rejected. Of `parts` only verdicts are compared: a
part that is not there has no place.
"""
import argparse, json, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def meets(a, b):
    """Whether two boxes have a pixel in common."""
    return (a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
            and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"])


def check(inspect, scene, count, seed, jobs):
    recipe = os.path.join(HERE, "..", "samples", scene, "recipe.json5")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([inspect, "synth", scene, "-n", str(count), "-o", folder, "--seed", str(seed)],
                       check=True, stdout=subprocess.DEVNULL)
        truth = {line["image"]: line for line in lines(os.path.join(folder, "gt.jsonl"))}
        paths = "\n".join(os.path.join(folder, name) for name in sorted(truth)) + "\n"
        has_places = os.path.exists(recipe)
        if not has_places:
            recipe = os.path.join(folder, "recipe.json5")
            subprocess.run([inspect, "recipe", "new", "--scene", scene, "-o", recipe], check=True)
        results = os.path.join(folder, "results.jsonl")
        subprocess.run([inspect, "batch", recipe, "--paths-from", "-", "-o", results,
                        "--jobs", str(jobs), "--no-progress"],
                       input=paths, text=True, check=True, stdout=subprocess.DEVNULL)
        return compare(truth, lines(results), f"{scene} seed {seed}", has_places)


def compare(truth, records, name, has_places):
    escapes = overkills = flaws = missed = crumbs = 0
    worst_good, least_bad = 0.0, float("inf")
    for record in records:
        line = truth[os.path.basename(record["image"])]
        is_bad, rejected = line["verdict"] == "NG", record["verdict"] != "OK"
        if record["status"] != "ok":
            print(f"{name}: {line['image']}: {record.get('error')}")
        if is_bad:
            least_bad = min(least_bad, record["score"])
            escapes += not rejected
        else:
            worst_good = max(worst_good, record["score"])
            overkills += rejected
            if rejected:
                print(f"{name}: {line['image']} is good: {record['defects']}")
        if not has_places:
            continue
        for flaw in line["defects"]:
            flaws += 1
            if not any(meets(flaw, found) for found in record["defects"]):
                missed += 1
                print(f"{name}: {line['image']}: missed {flaw}")
        crumbs += sum(not any(meets(flaw, found) for flaw in line["defects"])
                      for found in record["defects"])
    print(f"{name}: {len(records)} parts, {flaws} flaws: escape {escapes}, overkill {overkills}, "
          f"flaws missed {missed}, found where there is none {crumbs}; "
          f"worst good part {worst_good:.2f}, least bad part {least_bad:.2f}", flush=True)
    return not (escapes or overkills or missed or crumbs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inspect")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--scenes", default="board,surface,parts")
    options = parser.parse_args()
    results = [check(options.inspect, scene, options.count, int(seed), options.jobs)
               for scene in options.scenes.split(",") for seed in options.seeds.split(",")]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()

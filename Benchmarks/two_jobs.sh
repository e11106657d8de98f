#!/usr/bin/env bash
# How near one batch with --jobs 2 comes to two separate processes with half the pictures each:
# rounds of both in turn, and the median of the ratios of their times (above 1: one batch is faster).
#
# usage: Benchmarks/two_jobs.sh [PICTURES [ROUNDS [RECIPE]]]      (after ./run build)
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
pictures=${1:-240} rounds=${2:-15} recipe=$(realpath "${3:-$root/samples/board/recipe.json5}")
PATH=$root/.build/release:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

scene=$(basename "$(dirname "$recipe")")
inspect synth "$scene" -n "$pictures" -o all --seed 5 --defects 0.1 >/dev/null
rm -f all/reference.png
mkdir half-0 half-1
i=0
for picture in all/*.png; do ln "$picture" "half-$((i++ % 2))/"; done

batch() { inspect batch "$recipe" "$1" --no-progress --jobs "$2" -o "$1.jsonl"; }
seconds() { local begin=$EPOCHREALTIME; "$@"; awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'; }
one() { batch all 2; }
two() { batch half-0 1 & batch half-1 1 & wait; }

one; two   # the files are in memory from now on
for ((round = 0; round < rounds; round++)); do
  # Who begins changes, so that what drifts hits both.
  if ((round % 2)); then a=$(seconds one) b=$(seconds two); else b=$(seconds two) a=$(seconds one); fi
  echo "$a $b"
done | awk '{ print $2 / $1, $1, $2 }' | sort -n | awk -v n="$pictures" '
  { ratio[NR] = $1; if (!one || $2 < one) one = $2; if (!two || $3 < two) two = $3 }
  END {
    printf "two jobs / two processes: median %.3f (%.3f to %.3f of %d rounds)\n", ratio[int((NR + 1) / 2)], ratio[1], ratio[NR], NR
    printf "fastest round: %.1f pictures/s with two jobs, %.1f with two processes\n", n / one, n / two
  }'

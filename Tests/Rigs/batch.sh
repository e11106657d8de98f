#!/usr/bin/env bash
# What batches promise, at full size: the same records for any jobs and shards, after any kill -9,
# and from GNU parallel with a worker killed; memory for pictures of 67 megapixels. The suite holds
# the same with a few small pictures.
#
# usage: Tests/Rigs/batch.sh FOLDER-OF-INSPECT [PICTURES [KILLS]]
set -euo pipefail
PATH=$(realpath "$1"):$PATH
pictures=${2:-600} kills=${3:-20}
samples=$(realpath "$(dirname "$0")/../../samples")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

say() { printf '%s\n' "$*"; }
die() { say "FAILED: $*"; exit 1; }

recipe=$samples/board/recipe.json5
batch() { inspect batch "$recipe" parts --no-progress "$@"; }
# Records without what differs from run to run.
plain() { sed -E 's/"time":"[^"]*",//; s/"elapsed_ms":[0-9.e-]+,//; s/"tool_ms":\{[^}]*\},//' "$1"; }
same() { cmp -s <(plain "$1") <(plain "$2") || die "$3"; }

# Megabytes that a batch took at the most, as the system saw it just before the end.
peak() {
  inspect batch "$@" --no-progress -o peak.jsonl & local pid=$! most=0 now
  while now=$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$pid/status" 2>/dev/null); do
    [ -n "$now" ] && most=$now
    sleep 0.01
  done
  wait $pid
  echo "$most"
}
# Three pictures of a kind each; the first is the reference. Megabytes are of 1024 x 1024.
pictures_of() {
  case $1 in
    grey) { printf 'P5\n8192 8192\n255\n'; head -c $((64 << 20)) <(seq -w 0 16777216); } >grey.pgm ;;
    deep) { printf 'P5\n8192 8192\n65535\n'; head -c $((128 << 20)) <(seq -w 0 16777216); } >deep.pgm ;;
    colour) { printf 'P6\n8192 8192\n255\n'; head -c $((192 << 20)) <(seq -w 0 29000000); } >colour.ppm ;;
    png) inspect op not -i grey.pgm -o png.png ;;
    tiff) inspect op hsv -i colour.ppm -o tiff.tif ;;
    jpeg) inspect op hsv -i colour.ppm -o jpeg.jpg ;;
  esac
  mkdir "$1"
  for i in 1 2 3; do ln "$(ls "$1".*)" "$1/$i.$(ls "$1".* | cut -d. -f2)"; done
}
memory() {
  local name kind decoded tools options most jobs
  for kind in grey deep colour png tiff jpeg; do pictures_of $kind; done
  while IFS='|' read -r name kind decoded options tools; do
    name=${name// /} kind=${kind// /}
    printf '{ version: 1, name: "%s", tools: [%s] }\n' "$name" "${tools//REFERENCE/$(ls $kind.*)}" >"$name.json5"
    # Pictures drawn and packed take a minute a run: the harder of the two is enough.
    for jobs in $([ -n "${options// /}" ] || echo 1) 4; do
      # shellcheck disable=SC2086 — options are several words
      most=$(peak "$name.json5" $kind --jobs $jobs $options)
      [ "$(grep -c '"status":"ok"' peak.jsonl)" = 3 ] || die "$name: a large picture was not inspected"
      say "$name: $most MB at the most for $kind pictures of $((decoded)) MB, $jobs jobs$options"
      # 200 MB are 190 of these.
      [ "$most" -le $((3 * decoded + 190)) ] || die "$name takes more than 3 pictures and 200 MB"
      rm -rf maps marked
    done
  done <<'TXT'
blob           |grey  | 64| |{ tool: "blob", threshold: 200 }
preprocess     |grey  | 64| |{ tool: "preprocess", operator: "gaussian", size: 5 }, { tool: "blob", threshold: 200 }
compare_golden |grey  | 64| |{ tool: "compare_golden", reference: "REFERENCE" }
compare_pattern|grey  | 64| |{ tool: "compare_pattern", reference: "REFERENCE" }
outputs        |grey  | 64| --maps maps --annotate marked|{ tool: "compare_golden", reference: "REFERENCE" }
packed         |png   | 64| --maps maps --annotate marked|{ tool: "compare_golden", reference: "REFERENCE" }
deep           |deep  |128| --maps maps --annotate marked|{ tool: "compare_golden", reference: "REFERENCE" }
colour         |colour|192| --maps maps --annotate marked|{ tool: "compare_golden", reference: "REFERENCE" }
colour_tiff    |tiff  |192| |{ tool: "compare_golden", reference: "REFERENCE" }
colour_jpeg    |jpeg  |192| |{ tool: "compare_golden", reference: "REFERENCE" }
TXT
  rm -r grey* deep* colour* png* tiff* jpeg*
}
memory

inspect synth board -n "$pictures" -o parts --seed 11 --defects 0.2 >/dev/null
rm -f parts/reference.png
begin=$(date +%s%N)
batch --jobs 1 -o one.jsonl
took=$((($(date +%s%N) - begin) / 1000000))
[ "$(wc -l <one.jsonl)" = "$pictures" ] || die "$(wc -l <one.jsonl) records of $pictures"
grep -q '"verdict":"NG"' one.jsonl || die "no part is NG: nothing is shown"
batch --jobs 2 -o two.jsonl
same one.jsonl two.jsonl "records differ between one job and two"
say "$pictures pictures: --jobs 1 and 2 give the same records ($took ms with one)"

for shard in 2 0 3 1; do batch --shard "$shard/4" -o shards; done
inspect merge shards -o merged.jsonl
same one.jsonl merged.jsonl "four shards are not the whole"
say "four shards give the whole: $(wc -l shards/*.jsonl | awk '{printf "%s ", $1}')"
rm merged.jsonl shards/part-2-of-4.jsonl
status=0
inspect merge shards -o merged.jsonl 2>why || status=$?
[ $status = 1 ] && [ ! -e merged.jsonl ] && grep -q part-2-of-4.jsonl why || die "merge without a shard: $status"
say "a missing shard: exit 1, $(cat why)"

# Each kill comes after a random part of what the rest of the kills leaves of the run.
killed=0 runs=0
while [ $killed -lt "$kills" ]; do
  wait=$(awk -v s="$RANDOM" -v t="$took" -v k="$kills" 'BEGIN { printf "%.3f", s / 32768 * 2 * t / k / 1000 }')
  inspect batch "$recipe" parts --no-progress --jobs 2 --resume -o killed.jsonl & pid=$!
  sleep "$wait"
  kill -9 $pid 2>/dev/null || true
  status=0
  wait $pid 2>/dev/null || status=$?
  if [ $status = 137 ]; then
    killed=$((killed + 1))
    # What stands there in whole lines is the beginning of the undisturbed run.
    [ ! -e killed.jsonl.part ] && continue
    lines=$(tr -cd '\n' <killed.jsonl.part | wc -c)
    cmp -s <(head -n "$lines" killed.jsonl.part | plain /dev/stdin) <(head -n "$lines" one.jsonl | plain /dev/stdin) ||
      die "after kill $killed the first $lines records are others"
  else
    # It was done before: from the beginning again.
    same one.jsonl killed.jsonl "a resumed run is not the undisturbed one"
    runs=$((runs + 1))
    rm killed.jsonl
  fi
done
batch --jobs 2 --resume -o killed.jsonl
same one.jsonl killed.jsonl "a resumed run is not the undisturbed one"
say "kill -9 at $kills random moments, $((runs + 1)) runs: resumed, the same records"

command -v parallel >/dev/null || { say "skipped: GNU parallel is not here"; exit 0; }
command=$(grep '^parallel ' "$samples/../Guides/batch.md")
export RECIPE=$recipe IMAGES=parts OUT=out
(
  # The first inspect that works on shard 5 is killed in the middle of its work.
  for ((i = 0; i < 1000; i++)); do
    for pid in $(pgrep -x inspect); do
      # Ours, and with records behind it.
      [ -s out/part-5-of-8.jsonl.part ] && [ "$(readlink "/proc/$pid/cwd")" = "$work" ] &&
        tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q 'shard 5/8' && kill -9 "$pid" && touch worker-killed && exit
    done
    sleep 0.02
  done
) 2>/dev/null & killer=$!
eval "$command"
wait $killer
[ -e worker-killed ] || die "no worker of parallel was killed"
inspect merge out -o parallel.jsonl
same one.jsonl parallel.jsonl "parallel's shards are not the whole"
say "GNU parallel, a worker killed: $(wc -l <parallel.jsonl) records, each once"

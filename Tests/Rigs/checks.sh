# Checks of the rigs: each prints a line; `finish` ends with the number of those that failed.
failures=0

ok() { printf 'ok      %s\n' "$*"; }
bad() { printf 'FAILED  %s\n' "$*"; failures=$((failures + 1)); }
skip() { printf 'skipped %s\n' "$*"; }
finish() { exit $((failures > 0)); }

# field JSON KEY: the number or text of a key in a line of JSON
field() { sed -nE "s/.*\"$2\":\"?([^,\"}]*).*/\1/p" <<<"$1" | head -n 1; }

# expect WHAT CONDITION…: a condition of test
expect() {
  local what=$1
  shift
  if [ "$@" ]; then ok "$what"; else bad "$what: [ $* ]"; fi
}

# accounted WHAT SUMMARY: every picture of a grab is counted once
accounted() {
  local sum=0 key
  for key in delivered dropped corrupt incomplete; do
    sum=$((sum + $(field "$2" $key) + 0))
  done
  expect "$1: all accounted for" "$sum" = \
    $(($(field "$2" last_sequence) - $(field "$2" first_sequence) + 1))
}

# grab WHAT N URL [OPTIONS]: takes N pictures; leaves the summary in $summary
grab() {
  local what=$1 count=$2 url=$3
  shift 3
  summary=$("$INSPECT" camera grab "$url" -n "$count" --json "$@" 2>grab.log | tail -n 1) || true
  expect "$what: $count good pictures" "$(field "$summary" delivered)" = "$count"
  accounted "$what" "${summary:-"{}"}"
}

# grab_during WHAT N URL COMMAND: the same, with a command run meanwhile
grab_during() {
  local what=$1 count=$2 url=$3
  shift 3
  "$INSPECT" camera grab "$url" -n "$count" --json >during.json 2>grab.log &
  local grabbing=$!
  sleep 2
  "$@" >/dev/null 2>&1
  wait $grabbing || true
  summary=$(tail -n 1 during.json)
  expect "$what: $count good pictures" "$(field "$summary" delivered)" = "$count"
  accounted "$what" "${summary:-"{}"}"
}

# refused WHAT STATUS WORDS COMMAND…: the command ends so and says so
refused() {
  local what=$1 status=$2 words=$3 said got=0
  shift 3
  said=$("$@" 2>&1) || got=$?
  expect "$what: exit status $status" "$got" = "$status"
  case "$said" in *"$words"*) ok "$what: says why" ;; *) bad "$what: says '$said'" ;; esac
}

# frugal WHAT URL BYTES: a picture in steady state costs a few small objects, the lease of its buffer
# among them, and no memory for pixels; $COUNTER is what count_allocations.c became
frugal() {
  local what=$1 url=$2 most=$3 count sums=()
  if [ -z "${COUNTER:-}" ]; then
    skip "$what: allocations: no C compiler"
    return
  fi
  for count in 20 120; do
    head -c 16 /dev/zero >counts
    ALLOCATION_COUNTS=counts LD_PRELOAD=$COUNTER "$INSPECT" camera grab "$url" -n $count \
      >/dev/null 2>&1
    sums+=($(od -An -tu8 counts))
  done
  local calls=$(((sums[2] - sums[0]) / 100)) bytes=$(((sums[3] - sums[1]) / 100))
  expect "$what: $calls allocations of $bytes bytes a picture" $calls -le 6 -a $bytes -le $most
}

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

# frugal WHAT URL: in steady state a picture costs no memory, and at most four calls of the system on
# the thread that takes pictures: wait, take, give back, wake. $COUNTER is what count_allocations.c
# became.
frugal() {
  local what=$1 url=$2 count sums=() calls=()
  for count in 20 120; do
    head -c 32 /dev/zero >counts
    ALLOCATION_COUNTS=counts LD_PRELOAD=${COUNTER:-} "$INSPECT" camera grab "$url" -n $count \
      >/dev/null 2>&1
    sums+=($(od -An -v -tu8 counts))
    if command -v strace >/dev/null; then
      strace -c -o calls "$INSPECT" camera grab "$url" -n $count >/dev/null 2>&1
      calls+=($(awk '$NF == "total" { print $4 }' calls))
    fi
  done
  local own=$((sums[4] - sums[0])) others=$((sums[6] - sums[2]))
  if [ -z "${COUNTER:-}" ]; then
    skip "$what: allocations: no C compiler"
  else
    # What is printed at the end may be a text longer.
    expect "$what: $own allocations for 100 pictures ($others on other threads)" $own -le 5
  fi
  if [ ${#calls[@]} = 0 ]; then
    skip "$what: calls of the system: no strace"
  else
    expect "$what: $((calls[1] - calls[0])) calls of the system for 100 pictures" \
      $((calls[1] - calls[0])) -le 400
  fi
}

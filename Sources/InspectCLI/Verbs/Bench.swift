import Configuration

let benchVerb = Verb(
  "bench", "how fast the operators are here, and against OpenCV",
  operands: "[pipeline RECIPE PATH…]", count: 0...Int.max,
  options: [
    Parameter("ops", .text, default: "all", placeholder: "a,b,…", "names of cases or operators"),
    Parameter("size", .size(16...32768), default: .size(width: 2448, height: 2048), "of the picture"),
    Parameter("input", .path, optional: true, short: "i", "a picture instead of a rendered one"),
    Parameter("threads", .whole(1...256), optional: true, "how many both may use"),
    Parameter("compare", .choice(["opencv"]), optional: true, "time OpenCV in turns with ours"),
    Parameter("rounds", .whole(3...10000), default: 25, "timed rounds of each; fewer where they take seconds"),
    Parameter("save", .path, optional: true, "keeps the results, for --gate"),
    Parameter("gate", .path, optional: true, "exit 1 where a case's ratio to OpenCV fell below what was saved"),
    Parameter("max-regression", .text, default: "10%", placeholder: "P%", "how far a ratio may fall"),
    Parameter("json", .flag, "an object a case"),
  ],
  example: "inspect bench --ops threshold,box,gaussian,erode --compare opencv --threads 1",
  details: """
    Ours and OpenCV run in turns in one process, so that both meet the same disturbances; times are
    medians, ratio is OpenCV's time by ours. GB/s counts one read of what goes in and one write of what
    comes out; the copy line is what this machine's memory gives for a plain copy of the picture. The
    gate looks at ratios to OpenCV in the same run, not at milliseconds, and at the fastest rounds of
    several passes: --save makes three; what looks slower is looked at again within a minute and a half.
    'bench pipeline RECIPE PATH…' times whole recipes on pictures.
    """,
  run: { call in
    guard let first = call.operands.first else {
      return try Benchmark(call.values).run() ? .done : .no
    }
    guard first == "pipeline", call.operands.count >= 3 else {
      throw CommandError.usage(
        first == "pipeline" ? "pipeline needs RECIPE PATH…" : "'\(first)' is not pipeline", "bench")
    }
    try PipelineBenchmark(
      recipe: call.operands[1], paths: Array(call.operands.dropFirst(2)), call.values).run()
    return .done
  })

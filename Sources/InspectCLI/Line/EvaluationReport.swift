import Configuration
import InspectionKit

/// A row a picture.
enum EvaluationTable {
  static func csv(_ evaluation: Evaluation) -> String {
    let rows = evaluation.samples.map { sample in
      [
        sample.image, sample.isBad ? "NG" : "OK", sample.label ?? "", sample.verdict.rawValue,
        sample.said ?? "", JSON.rounded(sample.score, 4).text, sample.outcome,
      ]
    }
    let header = ["image", "truth", "label", "verdict", "class", "score", "outcome"]
    return ([header] + rows).map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func cell(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

extension Evaluation.Sample {
  /// right, escape (a bad one passed) or overkill (a good one was rejected)
  fileprivate var outcome: String {
    switch (isBad, verdict == .ok) {
    case (true, true): "escape"
    case (false, false): "overkill"
    default: "right"
    }
  }
}

/// A page that needs nothing but itself: figures, the curve, how the scores lie, what went wrong.
enum EvaluationPage {
  static func html(_ evaluation: Evaluation, of results: String) -> String {
    let wrong = evaluation.samples.filter { $0.outcome != "right" }.sorted { $0.score < $1.score }
    let figures = evaluation.json
    let shown = [
      "images", "good", "bad", "auroc", "ap", "f", "f_max", "escape", "overkill", "pixel_auroc",
      "pixel_ap",
    ].filter { figures[$0] != .null && figures[$0] != nil }
    func item(_ name: String) -> String {
      "<li id=\"\(name)\">\(name): <b>\(figures[name]?.text ?? "")</b></li>"
    }
    return HTMLPage.text(
      title: results,
      body: """
        <ul>\(shown.map(item).joined())</ul>
        <div class="pictures">\(curve(evaluation))\(distribution(evaluation))</div>
        <h2>Classes</h2>
        \(confusion(evaluation))
        <h2>What went wrong: \(wrong.count)</h2>
        \(HTMLPage.table(
          ["picture", "truth", "verdict", "score", "outcome"],
          wrong.prefix(10_000).map {
            [
              $0.image, $0.label ?? ($0.isBad ? "NG" : "OK"), $0.verdict.rawValue,
              JSON.rounded($0.score, 4).text, $0.outcome,
            ]
          }))
        """)
  }

  /// Found bad ones over rejected good ones.
  private static func curve(_ evaluation: Evaluation) -> String {
    let points = [(0.0, 0.0)] + evaluation.curve.map { ($0.falseAlarms, $0.recall) }
    let path = points.map { x, y in "\(number(20 + 200 * x)),\(number(220 - 200 * y))" }
    return """
      <svg id="roc" viewBox="0 0 240 250" role="img"><title>bad found, good rejected</title>
      <path d="M20 20V220H220" class="axis"/>
      <polyline points="\(path.joined(separator: " "))" class="line"/>
      <text x="20" y="14">bad found</text><text x="130" y="240">good rejected</text></svg>
      """
  }

  /// How many pictures have which score, good above the line and bad below, the limit at 1.
  private static func distribution(_ evaluation: Evaluation) -> String {
    let bins = 40, most = 2.0
    var counts = [(good: Int, bad: Int)](repeating: (0, 0), count: bins)
    for sample in evaluation.samples {
      let bin = min(bins - 1, max(0, Int(sample.score / most * Double(bins))))
      if sample.isBad { counts[bin].bad += 1 } else { counts[bin].good += 1 }
    }
    let highest = Double(max(1, counts.map { max($0.good, $0.bad) }.max() ?? 1))
    func bar(_ bin: Int, _ count: Int, up: Bool) -> String {
      let height = 100 * Double(count) / highest
      let place = "x=\"\(bin * 10 + 20)\" y=\"\(number(up ? 120 - height : 120))\""
      let size = "width=\"9\" height=\"\(number(height))\""
      return "<rect \(place) \(size) class=\"\(up ? "good" : "bad")\"/>"
    }
    let bars = counts.enumerated().map { i, count in
      bar(i, count.good, up: true) + bar(i, count.bad, up: false)
    }
    return """
      <svg id="scores" viewBox="0 0 440 250" role="img"><title>scores of good and bad pictures</title>
      \(bars.joined())<path d="M220 15V225" class="axis"/>
      <text x="20" y="14">good</text><text x="20" y="240">bad</text>
      <text x="226" y="14">1: the limit</text><text x="370" y="240">2 and more</text></svg>
      """
  }

  private static func confusion(_ evaluation: Evaluation) -> String {
    let rows = evaluation.confusion.members
    let columns = Set(rows.flatMap { $0.value.object?.keys ?? [] }).sorted()
    return HTMLPage.table(
      ["truth"] + columns.map { "said " + $0 },
      rows.map { row in [row.key] + columns.map { row.value[$0]?.text ?? "0" } })
  }

  private static func number(_ value: Double) -> String { JSON.rounded(value, 1).text }
}

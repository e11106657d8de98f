import Configuration

/// A page about a batch: the figures, and a row for every picture that is not OK.
enum BatchReport {
  static func html(recipe: String, tally: Tally) -> String {
    let counts = ["OK", "NG", "FAULT"].map {
      "<li id=\"count-\($0.lowercased())\">\($0): \(tally.verdicts[$0] ?? 0)</li>"
    }
    let rows = tally.remarkable.map { record in
      [
        record["image"]?.string ?? "", record["verdict"]?.string ?? "",
        record["score"]?.text ?? "",
        record["error"]?.string ?? "\(record["defects"]?.array?.count ?? 0) defect(s)",
      ]
    }
    return HTMLPage.text(
      title: recipe,
      body: "<ul><li>total: \(tally.total)</li>\(counts.joined())</ul>\n"
        + HTMLPage.table(["picture", "verdict", "score", "why"], rows))
  }
}

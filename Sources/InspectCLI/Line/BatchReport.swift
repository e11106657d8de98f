import Configuration

/// A page about a batch: the figures, and a row for every picture that is not OK.
enum BatchReport {
  static func html(recipe: String, tally: Tally) -> String {
    let rows = tally.remarkable.map { record in
      let defects = record["defects"]?.array?.count ?? 0
      let cells = [
        record["image"]?.string ?? "", record["verdict"]?.string ?? "",
        record["score"]?.text ?? "", record["error"]?.string ?? "\(defects) defect(s)",
      ]
      return "<tr>" + cells.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }
    let counts = ["OK", "NG", "FAULT"].map {
      "<li id=\"count-\($0.lowercased())\">\($0): \(tally.verdicts[$0] ?? 0)</li>"
    }
    return """
      <!doctype html>
      <html lang="en"><meta charset="utf-8"><title>\(escaped(recipe))</title>
      <style>
        body { font: 15px/1.5 sans-serif; margin: 2em auto; max-width: 60em; color: #222 }
        table { border-collapse: collapse; width: 100% }
        td, th { border-bottom: 1px solid #ddd; padding: .3em .6em; text-align: left }
        ul { display: flex; gap: 2em; list-style: none; padding: 0; font-size: 1.3em }
      </style>
      <h1>\(escaped(recipe))</h1>
      <ul><li>total: \(tally.total)</li>\(counts.joined())</ul>
      <table><tr><th>picture</th><th>verdict</th><th>score</th><th>why</th></tr>
      \(rows.joined(separator: "\n"))
      </table></html>

      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}

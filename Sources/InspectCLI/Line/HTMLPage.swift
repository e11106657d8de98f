/// A page in one file, without anything from elsewhere.
enum HTMLPage {
  static func text(title: String, body: String) -> String {
    """
    <!doctype html>
    <html lang="en"><meta charset="utf-8"><title>\(escaped(title))</title>
    <style>
      body { font: 15px/1.5 sans-serif; margin: 2em auto; max-width: 64em; padding: 0 1em; color: #222 }
      table { border-collapse: collapse; width: 100% }
      td, th { border-bottom: 1px solid #ddd; padding: .3em .6em; text-align: left }
      ul { display: flex; flex-wrap: wrap; gap: .3em 2em; list-style: none; padding: 0; font-size: 1.2em }
      .pictures { display: flex; flex-wrap: wrap; gap: 2em } svg { height: 18em; font-size: 11px }
      .axis { fill: none; stroke: #888 } .line { fill: none; stroke: #06c; stroke-width: 2 }
      .good { fill: #2a2 } .bad { fill: #c22 }
    </style>
    <h1>\(escaped(title))</h1>
    \(body)
    </html>

    """
  }

  static func table(_ header: [String], _ rows: [[String]]) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>\n"
    }
    return "<table>\(row(header, "th"))\(rows.map { row($0, "td") }.joined())</table>"
  }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}

/// The known name that a misspelt one most likely means; nil where none is near.
public func nearestName<S: Sequence<String>>(to word: String, among names: S) -> String? {
  let limit = max(2, word.count / 3)
  var best: (name: String, distance: Int)?
  for name in names {
    let distance = editDistance(word.lowercased(), name.lowercased())
    if distance <= limit, distance < (best?.distance ?? .max) { best = (name, distance) }
  }
  if let best { return best.name }
  // A beginning is how people shorten names.
  let longer = names.filter { word.count >= 2 && $0.hasPrefix(word) }
  return longer.count == 1 ? longer[0] : nil
}

/// "unknown WHAT 'word' in WHOLE; did you mean 'name'?", the way every unknown name is answered. Where
/// none is near, a few names are told.
public func unknownName(
  _ what: String, _ word: String, of whole: String? = nil, among names: some Collection<String>
) -> String {
  let hint =
    if let near = nearestName(to: word, among: names) {
      "; did you mean '\(near)'?"
    } else {
      (1...8).contains(names.count) ? "; known: " + names.joined(separator: ", ") : ""
    }
  return "unknown \(what) '\(word)'\(whole.map { " in " + $0 } ?? "")\(hint)"
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a), b = Array(b)
  var previous = [Int](), row = Array(0...b.count)
  for i in 0..<a.count {
    let beforePrevious = previous
    previous = row
    row[0] = i + 1
    for j in 0..<b.count {
      row[j + 1] = min(
        previous[j + 1] + 1, row[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        row[j + 1] = min(row[j + 1], beforePrevious[j - 1] + 1)
      }
    }
  }
  return row[b.count]
}

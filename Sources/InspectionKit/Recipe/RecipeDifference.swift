import Configuration
import VisionImage

/// Explains what has changed between two recipes. Comments, spaces and defaults that are spelt out
/// are no change.
public struct RecipeDifference {
  /// The files that a recipe names, as its inspector found them.
  public typealias Files = [(name: String, hash: String)]

  public private(set) var changes: [RecipeChange] = []
  private let files: (old: Files, new: Files)

  public init(from old: Recipe, to new: Recipe, files: (old: Files, new: Files)) {
    self.files = files
    compareHeads(old, new)
    compareTools(old.steps, new.steps)
    compareFiles()
    compareTests(old.tests, new.tests)
  }

  private mutating func note(_ change: RecipeChange) { changes.append(change) }

  // MARK: The recipe

  private mutating func compareHeads(_ old: Recipe, _ new: Recipe) {
    func text(_ word: String?) -> JSON? { word.map { .string($0) } }
    if old.name != new.name {
      note(RecipeChange(.renamed, nil, "name", old: text(old.name), new: text(new.name)))
    }
    if old.camera != new.camera {
      note(RecipeChange(.changed, nil, "camera", old: text(old.camera), new: text(new.camera)))
    }
    if old.engine != new.engine {
      note(
        RecipeChange(
          .changed, nil, "engine", old: text(old.engine.rawValue), new: text(new.engine.rawValue)))
    }
    let (before, after) = (old.deadlineMilliseconds, new.deadlineMilliseconds)
    if before != after {
      note(
        RecipeChange(
          after ?? .max > before ?? .max ? .loosened : .tightened, nil, "deadline_ms",
          old: before.map { .integer($0) }, new: after.map { .integer($0) }))
    }
  }

  // MARK: Tools

  private mutating func compareTools(_ old: [Recipe.Step], _ new: [Recipe.Step]) {
    var partner = [Int?](repeating: nil, count: new.count)  // in the old recipe
    var free = Set(old.indices)
    func pair(_ i: Int, _ j: Int) {
      partner[i] = j
      free.remove(j)
    }
    for i in new.indices {
      if let j = old.firstIndex(where: { $0.name == new[i].name }) { pair(i, j) }
    }
    // What has another name but does the same: the most alike first come, first served.
    for i in new.indices where partner[i] == nil {
      let alike = free.sorted().map { (place: $0, likeness: Self.likeness(old[$0], new[i])) }
      let best = alike.max { $0.likeness < $1.likeness }
      if let best, best.likeness > 0.5 { pair(i, best.place) }
    }
    for j in free.sorted() {
      note(RecipeChange(.removed, old[j].name, remark: Self.place(j, in: old)))
    }
    let stayed = Self.inOrder(partner.compactMap { $0 })
    for i in new.indices {
      guard let j = partner[i] else {
        note(RecipeChange(.added, new[i].name, remark: Self.place(i, in: new)))
        continue
      }
      if old[j].name != new[i].name {
        note(
          RecipeChange(.renamed, new[i].name, old: .string(old[j].name), new: .string(new[i].name)))
      }
      if !stayed.contains(j) {
        note(RecipeChange(.moved, new[i].name, remark: Self.place(i, in: new)))
      }
      compare(old[j], new[i])
    }
  }

  /// "blob, after 'print'"
  private static func place(_ i: Int, in steps: [Recipe.Step]) -> String {
    "\(steps[i].kind.name), " + (i == 0 ? "the first tool" : "after '\(steps[i - 1].name)'")
  }

  /// The share of settings in which two tools of one kind agree.
  private static func likeness(_ a: Recipe.Step, _ b: Recipe.Step) -> Double {
    guard a.kind.name == b.kind.name else { return 0 }
    let names = Set(a.parameters.map(\.name)).union(b.parameters.map(\.name))
    let same = names.filter { a.value($0) == b.value($0) }.count + (a.region == b.region ? 1 : 0)
    return Double(same) / Double(names.count + 1)
  }

  /// The longest part of the list that is in rising order: what did not move.
  private static func inOrder(_ list: [Int]) -> Set<Int> {
    var best: [[Int]] = []  // the best row that ends with each
    for (i, value) in list.enumerated() {
      let before = (0..<i).filter { list[$0] < value }.map { best[$0] }.max { $0.count < $1.count }
      best.append((before ?? []) + [value])
    }
    return Set(best.max { $0.count < $1.count } ?? [])
  }

  private mutating func compare(_ old: Recipe.Step, _ new: Recipe.Step) {
    guard old.kind.name == new.kind.name else {
      note(
        RecipeChange(
          .changed, new.name, "tool", old: .string(old.kind.name), new: .string(new.kind.name)))
      return
    }
    if old.region != new.region {
      note(RecipeChange(.changed, new.name, "roi", old: old.region?.json, new: new.region?.json))
    }
    if old.fixture != new.fixture {
      note(
        RecipeChange(
          .changed, new.name, "fixture", old: old.fixture.map { .string($0) },
          new: new.fixture.map { .string($0) }))
    }
    if old.engine != new.engine {
      note(
        RecipeChange(
          .changed, new.name, "engine", old: old.engine.map { .string($0.rawValue) },
          new: new.engine.map { .string($0.rawValue) }))
    }
    let more = new.parameters.filter { parameter in
      !old.parameters.contains { $0.name == parameter.name }
    }
    for parameter in old.parameters + more {
      let before = old.value(parameter.name), after = new.value(parameter.name)
      guard before != after else { continue }
      note(
        RecipeChange(
          parameter.strictness?.meaning(from: before, to: after) ?? .changed, new.name,
          parameter.recipeKey, old: before?.json, new: after?.json,
          remark: holdsTheSame(before, after) ? "the files hold the same" : nil))
    }
  }

  /// Whether two values name files that hold the same.
  private func holdsTheSame(_ old: ParameterValue?, _ new: ParameterValue?) -> Bool {
    guard case .text(let a)? = old, case .text(let b)? = new,
      let before = files.old.first(where: { $0.name == a })
    else { return false }
    return files.new.contains { $0.name == b && $0.hash == before.hash }
  }

  // MARK: Files and tests

  private mutating func compareFiles() {
    var seen: Set<String> = []
    for file in files.new where seen.insert(file.name).inserted {
      if let before = files.old.first(where: { $0.name == file.name }), before.hash != file.hash {
        note(RecipeChange(.changed, file.name, remark: "the file holds something else"))
      }
    }
  }

  private mutating func compareTests(_ old: [Recipe.Test], _ new: [Recipe.Test]) {
    func expected(_ test: Recipe.Test) -> JSON { .string(test.verdict.rawValue) }
    for test in old where !new.contains(where: { $0.image == test.image }) {
      note(RecipeChange(.removed, "tests", test.image))
    }
    for test in new {
      guard let before = old.first(where: { $0.image == test.image }) else {
        note(RecipeChange(.added, "tests", test.image))
        continue
      }
      if before.verdict != test.verdict {
        note(
          RecipeChange(
            .changed, "tests", test.image, old: expected(before), new: expected(test)))
      }
      if before.measurements != test.measurements {
        note(RecipeChange(.changed, "tests", test.image, remark: "other measurements are expected"))
      }
    }
  }
}

extension Recipe.Step {
  /// Those of the operator that it runs too.
  var parameters: [Parameter] { kind.parameters + moreParameters }

  /// Nil where it has no such parameter, or nothing for it.
  func value(_ name: String) -> ParameterValue? {
    parameters.contains { $0.name == name } ? values[name] : nil
  }
}

extension PixelRect {
  fileprivate var json: JSON {
    ["x": .integer(x), "y": .integer(y), "w": .integer(width), "h": .integer(height)]
  }
}

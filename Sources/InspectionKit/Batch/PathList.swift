import ImageFiles

/// The pictures of a batch: every file below the given paths, in the order of their bytes, whatever
/// the order in which they were given; the same everywhere, so that shards fit together.
public struct PathList: Sendable {
  public struct Item: Sendable, Equatable {
    /// As records have it: the given folder and what lies below it.
    public let path: String
    /// Below the given folder; a file that was given itself has its whole path.
    public let relative: String
    /// What pictures made of it are called, without an ending: the relative path without its own, or
    /// as much more as tells it apart from all others of the list.
    public fileprivate(set) var outputName = ""

    /// From the shortest to the longest; never outside a folder, however the picture was named.
    fileprivate var outputNames: [String] {
      let whole = Self.inside(relative)
      let stem = whole.lastIndex(of: ".").map { String(whole[..<$0]) }
      return [stem.flatMap { $0.isEmpty || $0.hasSuffix("/") ? nil : $0 } ?? whole, whole, Self.inside(path)]
    }

    private static func inside(_ path: String) -> String {
      path.split(separator: "/").filter { $0 != ".." && $0 != "." }.joined(separator: "/")
    }
  }

  public let items: [Item]

  /// Folders are walked; files are taken as they are, whatever their ending.
  public init(_ given: [String]) throws(ImageFileError) {
    var items: [Item] = []
    for path in given {
      if ImageFolder.isFolder(path) {
        let root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        for file in try ImageFolder.paths(in: root) {
          items.append(Item(path: file, relative: String(file.dropFirst(root.count + 1))))
        }
      } else {
        items.append(Item(path: path, relative: path))
      }
    }
    items.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    var last: Item?
    items = items.filter { item in
      defer { last = item }
      return last?.path != item.path
    }
    var uses: [String: Int] = [:]
    for item in items { for name in Set(item.outputNames) { uses[name, default: 0] += 1 } }
    self.items = items.map { item in
      var item = item
      let names = item.outputNames
      item.outputName = names.first { uses[$0] == 1 } ?? names[names.count - 1]
      return item
    }
  }

  private init(items: [Item]) { self.items = items }

  /// The items of one of `count` shards, told apart by a hash of the relative path: where a picture
  /// goes does not depend on which others there are.
  public func shard(_ index: Int, of count: Int) -> PathList {
    PathList(items: items.filter { Self.hash($0.relative) % UInt64(count) == UInt64(index) })
  }

  /// FNV-1a, 64 bits.
  static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }
}

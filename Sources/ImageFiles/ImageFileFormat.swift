/// The kinds of image files.
public enum ImageFileFormat: String, Sendable, CaseIterable {
  case png, jpeg, tiff, bmp, pnm

  public var extensions: [String] {
    switch self {
    case .png: ["png"]
    case .jpeg: ["jpg", "jpeg"]
    case .tiff: ["tif", "tiff"]
    case .bmp: ["bmp"]
    case .pnm: ["pgm", "ppm", "pnm", "pbm"]
    }
  }

  /// The format that a path's ending asks for.
  public init?(path: String) {
    let file = path.split(separator: "/").last ?? ""
    guard let dot = file.lastIndex(of: "."), dot != file.startIndex else { return nil }
    let ending = file[file.index(after: dot)...].lowercased()
    guard let format = Self.allCases.first(where: { $0.extensions.contains(ending) }) else {
      return nil
    }
    self = format
  }

  /// The format that the first bytes are of; names lie.
  public init?(content: UnsafeRawBufferPointer) {
    func starts(_ bytes: [UInt8]) -> Bool { content.prefix(bytes.count).elementsEqual(bytes) }
    if starts([0x89, 0x50, 0x4e, 0x47]) {
      self = .png
    } else if starts([0xff, 0xd8]) {
      self = .jpeg
    } else if starts([0x49, 0x49, 42, 0]) || starts([0x4d, 0x4d, 0, 42])
      || starts([0x49, 0x49, 43, 0]) || starts([0x4d, 0x4d, 0, 43])
    {
      self = .tiff
    } else if starts([0x42, 0x4d]) {
      self = .bmp
    } else if content.count > 2, content[0] == 0x50, (0x31...0x36).contains(content[1]) {
      self = .pnm
    } else {
      return nil
    }
  }
}

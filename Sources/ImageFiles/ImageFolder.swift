#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The pictures below a folder.
public enum ImageFolder {
  /// The paths of all files with an ending of an image format, sorted byte by byte, folders walked.
  public static func paths(in folder: String) throws(ImageFileError) -> [String] {
    var found: [String] = []
    try walk(folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder, &found)
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names of the files and folders in a folder, as the system has them; none where it cannot
  /// be read.
  public static func files(in folder: String) -> [String] {
    (try? names(in: folder)) ?? []
  }

  private static func names(in folder: String) throws(ImageFileError) -> [String] {
    guard let handle = opendir(folder) else {
      let code = errno
      throw ImageFileError(.cannotOpen(errno: code), folder, String(cString: strerror(code)))
    }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  private static func walk(_ folder: String, _ found: inout [String]) throws(ImageFileError) {
    for name in try names(in: folder) {
      let path = folder + "/" + name
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        try walk(path, &found)
      } else if ImageFiles.isImagePath(path) {
        found.append(path)
      }
    }
  }
}

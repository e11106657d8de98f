#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Libraries of ours that are opened when they are first needed.
public enum PluginLibrary {
  /// The address of what a library exports, or the reason why there is none.
  public static func symbol(
    _ name: String, of fileName: String
  ) -> (UnsafeMutableRawPointer?, String?) {
    let path = folder + "/" + fileName
    func reason() -> String { dlerror().map { String(cString: $0) } ?? "cannot open \(path)" }
    guard access(path, F_OK) == 0 else { return (nil, "\(fileName) is not in \(folder)") }
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else { return (nil, reason()) }
    guard let symbol = dlsym(handle, name) else { return (nil, reason()) }
    return (symbol, nil)
  }

  /// INSPECT_PLUGINS, or the folder of the executable.
  static var folder: String {
    if let folder = getenv("INSPECT_PLUGINS") { return String(cString: folder) }
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = buffer.withUnsafeMutableBytes { bytes in
      readlink("/proc/self/exe", bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    let path = String(decoding: buffer.prefix(max(0, length)), as: UTF8.self)
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}

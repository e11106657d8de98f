import Foundation
import Testing

/// The built program, run as a person would.
enum Executable {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
    let lines: [Substring]

    init(status: Int32, output: String, errors: String) {
      self.status = status
      self.output = output
      self.errors = errors
      lines = output.split(separator: "\n")
    }

    func json(_ line: Int = 0) throws -> [String: Any] {
      let data = Data(lines[line].utf8)
      return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
  }

  /// The folder that the tests were built into.
  static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()
  static let path = folder.appendingPathComponent("inspect").path
  /// The checkout that these sources lie in.
  static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func run(
    _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
  ) throws -> Result {
    try run(path, arguments, in: folder, environment: environment)
  }

  static func shell(_ line: String, in folder: URL) throws -> Result {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try run(
      "/bin/bash", ["-c", line], in: folder,
      environment: ["PATH": Self.folder.path + ":" + path])
  }

  private static func run(
    _ program: String, _ arguments: [String], in folder: URL?, environment: [String: String]
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder ?? checkout
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Files rather than pipes: a full pipe would hold the program up.
    let out = try temporaryFolder(), outFile = out.appendingPathComponent("out")
    let errFile = out.appendingPathComponent("err")
    defer { try? FileManager.default.removeItem(at: out) }
    for file in [outFile, errFile] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: outFile)
    process.standardError = try FileHandle(forWritingTo: errFile)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "\(arguments) ended by a signal")
    return Result(
      status: process.terminationStatus, output: try String(contentsOf: outFile, encoding: .utf8),
      errors: try String(contentsOf: errFile, encoding: .utf8))
  }

  static func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("inspect-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// A folder with what examples use: the samples, two pictures, a log.
  static func exampleFolder() throws -> URL {
    let folder = try temporaryFolder()
    let files = FileManager.default
    try files.createSymbolicLink(
      at: folder.appendingPathComponent("samples"),
      withDestinationURL: checkout.appendingPathComponent("samples"))
    try files.copyItem(
      at: checkout.appendingPathComponent("samples/board/000001.png"),
      to: folder.appendingPathComponent("part.png"))
    let line = try run(
      ["run", "samples/board/recipe.json5", "--camera", "synthetic:board?fps=0", "--parts", "5",
        "--log", "line-log", "--no-progress"], in: folder)
    #expect(line.status == 0, "\(line.errors)")
    let good = try run(["synth", "surface", "-n", "12", "-o", "good", "--defects", "0"], in: folder)
    #expect(good.status == 0, "\(good.errors)")
    for shard in 0..<2 {
      let part = try run(
        ["batch", "samples/board/recipe.json5", "samples/board", "--shard", "\(shard)/2",
          "-o", "shards", "--no-progress"], in: folder)
      #expect(part.status == 0, "\(part.errors)")
    }
    return folder
  }
}

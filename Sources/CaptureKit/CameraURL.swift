import Configuration

public typealias CameraParameter = Parameter

/// `SCHEME:WHERE?KEY=VALUE&…`, checked against what the kind of camera knows.
public struct CameraURL: Sendable {
  public let text: String
  public let kind: CameraKind
  /// What stands between the scheme and the `?`: a scene, a folder, a device.
  public let target: String
  public let values: ParameterValues

  public init(_ text: String) throws(CaptureError) {
    func wrong(_ why: String) -> CaptureError { .cannotOpen(url: text, why: why) }
    guard let colon = text.firstIndex(of: ":") else {
      let schemes = CameraKind.all.map { $0.scheme + ":" }.joined(separator: ", ")
      throw wrong("a camera is named by a URL that begins with one of \(schemes)")
    }
    let scheme = String(text[..<colon])
    guard let kind = CameraKind.all.first(where: { $0.scheme == scheme }) else {
      throw wrong(unknownName("kind of camera", scheme, among: CameraKind.all.map(\.scheme)))
    }
    let rest = text[text.index(after: colon)...]
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var given: [String: ParameterValue] = [:]
    for pair in parts.count == 2 ? parts[1].split(separator: "&") : [] {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = String(sides[0])
      guard let parameter = kind.parameters.first(where: { $0.name == key }) else {
        throw wrong(unknownName("key", key, among: kind.parameters.map(\.name)))
      }
      guard given[key] == nil else { throw wrong("'\(key)' stands twice") }
      do throws(ParameterError) {
        given[key] = try parameter.parse(sides.count == 2 ? String(sides[1]) : "")
      } catch {
        throw wrong("\(key): \(error.message)")
      }
    }
    do throws(ParameterError) {
      values = try ParameterValues(given, of: kind.parameters)
    } catch {
      throw wrong(error.message)
    }
    self.text = text
    self.kind = kind
    target = String(parts[0])
  }
}

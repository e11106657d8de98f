/// The settings of one operator, tool or verb: what was given, and the defaults of the rest.
/// Asking for a parameter that was never declared is a programmer's mistake and traps.
public struct ParameterValues: Sendable, Equatable {
  private var values: [String: ParameterValue]
  private let declared: Set<String>
  /// The names that somebody gave, rather than took from the defaults.
  public let given: Set<String>

  /// Adds the defaults of `parameters` to what was given; throws where something needed is missing.
  public init(
    _ given: [String: ParameterValue], of parameters: [Parameter]
  ) throws(ParameterError) {
    values = given
    declared = Set(parameters.map(\.name))
    self.given = Set(given.keys)
    precondition(
      self.given.isSubset(of: declared), "undeclared: \(self.given.subtracting(declared))")
    for parameter in parameters where values[parameter.name] == nil {
      if let fallback = parameter.fallback {
        values[parameter.name] = fallback
      } else if parameter.isRepeatable {
        values[parameter.name] = .texts([])
      } else if !parameter.isOptional {
        throw ParameterError("--\(parameter.name) is missing: \(parameter.help)")
      }
    }
  }

  /// The value, or nil for an optional parameter that was not given.
  public subscript(name: String) -> ParameterValue? {
    precondition(declared.contains(name), "parameter '\(name)' was never declared")
    return values[name]
  }

  public func has(_ name: String) -> Bool { self[name] != nil }

  public func flag(_ name: String) -> Bool {
    if case .flag(let value)? = self[name] { value } else { mistyped(name) }
  }
  public func whole(_ name: String) -> Int {
    if case .whole(let value)? = self[name] { value } else { mistyped(name) }
  }
  /// A real parameter; whole-number defaults serve as well.
  public func real(_ name: String) -> Double {
    switch self[name] {
    case .real(let value)?: value
    case .whole(let value)?: Double(value)
    default: mistyped(name)
    }
  }
  public func size(_ name: String) -> (width: Int, height: Int) {
    switch self[name] {
    case .size(let width, let height)?: (width, height)
    case .whole(let side)?: (side, side)
    default: mistyped(name)
    }
  }
  public func numbers(_ name: String) -> [Double] {
    if case .numbers(let value)? = self[name] { value } else { mistyped(name) }
  }
  public func text(_ name: String) -> String {
    if case .text(let value)? = self[name] { value } else { mistyped(name) }
  }
  public func texts(_ name: String) -> [String] {
    if case .texts(let value)? = self[name] { value } else { mistyped(name) }
  }
  public func words(_ name: String) -> [String: String] {
    if case .words(let value)? = self[name] { value } else { mistyped(name) }
  }
  public func codes(_ name: String) -> [String: Int] {
    if case .codes(let value)? = self[name] { value } else { mistyped(name) }
  }

  private func mistyped(_ name: String) -> Never {
    preconditionFailure("parameter '\(name)' holds \(String(describing: self[name]))")
  }
}

import Configuration
import VisionImage

/// Erosion and dilation one after the other, and what that takes away or adds.
enum MorphologyStep: Sendable {
  case erode, dilate
  var isLargest: Bool { self == .dilate }
}

/// An operator of two such steps and a difference: what is subtracted from what, where anything is.
protocol ComposedMorphology: Operator {
  var element: StructuringElement { get }
  var iterations: Int { get }
  init(_ element: StructuringElement, iterations: Int)
  static var composition: MorphologyComposition { get }
}

enum MorphologyComposition: Sendable {
  /// One step on the result of the other.
  case chain(MorphologyStep, MorphologyStep)
  /// The picture less the chain's result.
  case lost(MorphologyStep, MorphologyStep)
  /// The chain's result less the picture.
  case gained(MorphologyStep, MorphologyStep)
  /// Dilation less erosion.
  case spread
}

extension ComposedMorphology {
  static func describe(_ name: String, _ summary: String) -> OperatorDescriptor {
    OperatorDescriptor(
      name: name, summary: summary,
      parameters: Extreme.parameters, formats: [.u8, .u16], tolerance: .exact,
      conformanceCases: [
        "--size 3", "--size 15", "--size 4x7", "--size 3 --iterations 3",
        "--shape cross --size 5", "--shape ellipse --size 7 --iterations 2",
      ],
      benchmarkCases: [BenchmarkCase("\(name)-15", "--size 15")])
  }

  public init(_ values: ParameterValues) {
    self.init(StructuringElement(values), iterations: values.whole("iterations"))
  }

  private func step(_ step: MorphologyStep) -> Extreme {
    Extreme(element: element, iterations: iterations, largest: step.isLargest)
  }

  public var openCVParameters: [Double] { step(.erode).openCVParameters }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func extreme(_ kind: MorphologyStep, _ view: RasterView) -> Raster {
      var raster = Raster(format: view.format, width: view.width, height: view.height)
      raster.withMutableView { _ = step(kind).reference(OperatorInputs(view), into: $0) }
      return raster
    }
    func subtract(_ a: RasterView, _ b: RasterView) {
      _ = Subtract().reference(OperatorInputs(a, b), into: output)
    }
    switch Self.composition {
    case .chain(let first, let second):
      output!.copyPixels(from: extreme(second, extreme(first, inputs.first).view).view)
    case .lost(let first, let second):
      subtract(inputs.first, extreme(second, extreme(first, inputs.first).view).view)
    case .gained(let first, let second):
      subtract(extreme(second, extreme(first, inputs.first).view).view, inputs.first)
    case .spread:
      subtract(extreme(.dilate, inputs.first).view, extreme(.erode, inputs.first).view)
    }
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let target = output!
    machine.withTemporary(inputs.first.layout) { temporary in
      func chain(_ first: MorphologyStep, _ second: MorphologyStep) {
        temporary.withMutableView {
          _ = step(first).native(inputs, into: $0, on: machine)
        }
        _ = step(second).native(OperatorInputs(temporary.view), into: target, on: machine)
      }
      switch Self.composition {
      case .chain(let first, let second):
        chain(first, second)
      case .lost(let first, let second):
        chain(first, second)
        target.subtract(from: inputs.first, machine, reversed: true)
      case .gained(let first, let second):
        chain(first, second)
        target.subtract(from: inputs.first, machine, reversed: false)
      case .spread:
        temporary.withMutableView {
          _ = step(.erode).native(inputs, into: $0, on: machine)
        }
        _ = step(.dilate).native(inputs, into: target, on: machine)
        target.subtract(from: temporary.view, machine, reversed: false)
      }
    }
    return []
  }
}

extension MutableRasterView {
  /// These pixels less the others; the others less these where reversed. Ends at black.
  fileprivate func subtract(from other: RasterView, _ machine: Machine, reversed: Bool) {
    let kernels = machine.kernels.point
    let difference = PairOperation.difference.rawValue
    other.withBytes { bytes in
      machine.inBands(of: height) { rows, _ in
        for y in rows {
          let mine = row(y), theirs = bytes + y * other.layout.rowBytes
          let (a, b) = reversed ? (theirs, UnsafeRawPointer(mine)) : (UnsafeRawPointer(mine), theirs)
          if format == .u8 {
            kernels.pair8(
              a.assumingMemoryBound(to: UInt8.self), b.assumingMemoryBound(to: UInt8.self),
              mine.assumingMemoryBound(to: UInt8.self), width, difference)
          } else {
            kernels.pair16(
              a.assumingMemoryBound(to: UInt16.self), b.assumingMemoryBound(to: UInt16.self),
              mine.assumingMemoryBound(to: UInt16.self), width, difference)
          }
        }
      }
    }
  }
}

/// Erosion, then dilation: bright things smaller than the window go.
public struct Open: ComposedMorphology {
  public let element: StructuringElement
  public let iterations: Int
  public init(_ element: StructuringElement, iterations: Int = 1) {
    self.element = element
    self.iterations = iterations
  }
  static let composition = MorphologyComposition.chain(.erode, .dilate)
  public static let descriptor = describe("open", "erosion, then dilation: small bright things go")
}

/// Dilation, then erosion: dark things smaller than the window go.
public struct Close: ComposedMorphology {
  public let element: StructuringElement
  public let iterations: Int
  public init(_ element: StructuringElement, iterations: Int = 1) {
    self.element = element
    self.iterations = iterations
  }
  static let composition = MorphologyComposition.chain(.dilate, .erode)
  public static let descriptor = describe("close", "dilation, then erosion: small dark things go")
}

/// What opening takes away: bright things smaller than the window.
public struct TopHat: ComposedMorphology {
  public let element: StructuringElement
  public let iterations: Int
  public init(_ element: StructuringElement, iterations: Int = 1) {
    self.element = element
    self.iterations = iterations
  }
  static let composition = MorphologyComposition.lost(.erode, .dilate)
  public static let descriptor = describe("tophat", "what opening takes away: small bright things")
}

/// What closing fills: dark things smaller than the window.
public struct BlackHat: ComposedMorphology {
  public let element: StructuringElement
  public let iterations: Int
  public init(_ element: StructuringElement, iterations: Int = 1) {
    self.element = element
    self.iterations = iterations
  }
  static let composition = MorphologyComposition.gained(.dilate, .erode)
  public static let descriptor = describe("blackhat", "what closing fills: small dark things")
}

/// Dilation less erosion: edges.
public struct MorphologyGradient: ComposedMorphology {
  public let element: StructuringElement
  public let iterations: Int
  public init(_ element: StructuringElement, iterations: Int = 1) {
    self.element = element
    self.iterations = iterations
  }
  static let composition = MorphologyComposition.spread
  public static let descriptor = describe("morph-gradient", "dilation less erosion: edges")
}

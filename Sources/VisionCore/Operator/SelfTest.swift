import Configuration
import VisionImage

/// Whether an engine computes on this machine what the operators are defined to compute: every one
/// once on a small picture, against the reference.
public enum SelfTest {
  /// What is wrong, in one line; nil where every operator agrees.
  public static func fault(of machine: Machine) -> String? {
    fault(of: OperatorRunner(.native, machine: machine, mayUseOpenCV: false))
  }

  public static func fault(of runner: OperatorRunner) -> String? {
    let reference = OperatorRunner(.reference, machine: runner.machine, mayUseOpenCV: false)
    for type in OperatorRegistry.all
    where runner.choice.first != .opencv || type.descriptor.hasOpenCV {
      if let why = fault(of: type, runner, reference) { return why }
    }
    return nil
  }

  private static func fault<Op: Operator>(
    of type: Op.Type, _ runner: OperatorRunner, _ reference: OperatorRunner
  ) -> String? {
    let descriptor = Op.descriptor
    var random = SeededRandom(seed: 20_08)
    func picture() -> Raster {
      let format = descriptor.formats[0]
      var raster = Raster(format: format, width: 97, height: 11)
      raster.withMutableView { pixels in
        for y in 0..<pixels.height {
          let row = pixels.row(y).assumingMemoryBound(to: UInt8.self)
          for x in 0..<pixels.width * format.pixelBytes {
            let value = UInt8(truncatingIfNeeded: random.next() >> 32)
            row[x] = descriptor.content == .any || value > 150 ? value : 0
          }
        }
      }
      return raster
    }
    let first = picture()
    let second = descriptor.inputs == 2 ? picture() : nil
    do {
      let settings = descriptor.conformanceCases.first ?? ""
      let op = try Op(descriptor.values(settings))
      let got = try runner.apply(op, to: first.view, second?.view)
      let wanted = try reference.apply(op, to: first.view, second?.view)
      return Agreement.disagreement(
        (got.image?.view, got.outcome.numbers), (wanted.image?.view, wanted.outcome.numbers),
        within: (runner.choice.first == .opencv
          ? descriptor.openCVTolerance?(settings, descriptor.formats[0]) : nil)
          ?? descriptor.tolerance
      ).map { "\(descriptor.name): \($0)" }
    } catch {
      return "\(descriptor.name): \(error)"
    }
  }
}

import ArgumentParser
import Operator

@main
struct Main {
    static func main() async {
        await CygniTool.main()
    }
}

/// How wide the columns of the slowest series are. Their numbers are whole in any case, and the chart has its least
/// width before the names do: a name that is cut can still be told, a number cannot.
struct SeriesColumns: Equatable {
    var tenant: Int
    var metric: Int
    /// 0: there is no room for one.
    var chart: Int

    /// - Parameters:
    ///   - room: columns beside the numbers and the blanks around them.
    ///   - tenant: what the longest tenant needs.
    ///   - metric: what the longest metric needs.
    init(room: Int, tenant: Int, metric: Int) {
        let rest = room - (tenant + 2 + metric) - 2
        // A chart with its heading, a small one, or none, as the names keep enough to be told apart.
        if rest >= 24 {
            chart = min(SummaryFacts.chartHours, rest)
        } else if room - 26 >= 24 {
            chart = 24
        } else {
            chart = room - 10 >= 16 ? 8 : 0
        }
        let names = max(14, room - (chart > 0 ? chart + 2 : 0))
        self.tenant = min(tenant, max(6, names / 2 - 1))
        self.metric = min(metric, names - 2 - self.tenant)
    }
}

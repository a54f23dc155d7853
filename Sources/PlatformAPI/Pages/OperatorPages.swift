/// Every route of the operator's page.
enum OperatorPages {
    static let all =
        [PageAssets.route] + SignInPages.all + [OverviewPage.route] + JobPages.all + RunPages.all
        + [DomainsPage.route, CertificatesPage.route, StoragePage.route, PreviewsPage.route, AuditPage.route]
}

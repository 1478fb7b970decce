namespace Causality.Host.Demo;

/// <summary>Something the shop sells; the price is in cents of a US dollar.</summary>
internal sealed record Product(string Id, string Name, string Category, long PriceCents)
{
    /// <summary>The price in cents of a market's own currency, ending as price tags do.</summary>
    public long PriceIn(Market market) => Math.Max(99, (long)(PriceCents * market.PriceFactor) / 100 * 100 - 1);
}

/// <summary>The shop's products: few are seen by everybody, most by almost nobody (Zipf).</summary>
internal sealed class Catalog
{
    private const int Size = 480;

    private static readonly (string Category, double Price, string[] Nouns)[] Shelves =
    [
        ("shoes", 90, ["Runner", "Sneaker", "Boot", "Loafer", "Sandal"]),
        ("jackets", 130, ["Parka", "Windbreaker", "Denim Jacket", "Puffer", "Raincoat"]),
        ("shirts", 38, ["T-Shirt", "Oxford Shirt", "Polo", "Linen Shirt"]),
        ("trousers", 65, ["Chino", "Jeans", "Jogger", "Shorts"]),
        ("bags", 75, ["Backpack", "Tote", "Weekender", "Belt Bag"]),
        ("accessories", 24, ["Cap", "Scarf", "Belt", "Socks", "Sunglasses", "Beanie"]),
    ];

    private static readonly string[] Adjectives =
        ["Alpine", "Harbor", "Urban", "Classic", "Coastal", "Nordic", "Vintage", "Trail", "Studio", "Heritage", "Light", "Everyday", "Summit", "Canvas", "Ember", "Slate"];

    private readonly Weighted<Product> _products;

    public Catalog(SplitMix chance) =>
        _products = new([.. Enumerable.Range(0, Size).Select(rank => (Stock(rank, chance), 1 / Math.Pow(rank + 4, 0.95)))]);

    public static string[] Categories { get; } = [.. Shelves.Select(s => s.Category)];

    public Product Pick(SplitMix chance) => _products.Pick(chance);

    private static Product Stock(int rank, SplitMix chance)
    {
        var (category, price, nouns) = chance.Pick(Shelves);
        var cents = (long)(price * Math.Exp((chance.Unit() + chance.Unit() - 1) * 0.8)) * 100;
        return new Product($"P{1000 + rank}", $"{chance.Pick(Adjectives)} {chance.Pick(nouns)}", category, Math.Max(499, cents - 1));
    }
}

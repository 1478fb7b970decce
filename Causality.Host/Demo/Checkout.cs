using System.Text.Json;

namespace Causality.Host.Demo;

/// <summary>A visit's cart and its way to an order: cart, address, shipping, payment, each with those who leave there.</summary>
internal sealed class Checkout(Visit visit, SplitMix chance)
{
    private static readonly string[] Steps = ["address", "shipping", "payment"];
    private readonly List<(Product Product, int Quantity)> _items = [];

    private string CartId => $"cart-{visit.Session}";
    private string Currency => visit.Shopper.Market.Currency;
    private int Count => _items.Sum(i => i.Quantity);
    private long Total => _items.Sum(i => i.Quantity * Price(i.Product));

    public void Add(Product product)
    {
        var quantity = chance.Chance(0.12) ? 2 : 1;
        _items.Add((product, quantity));
        visit.Wait(20);
        visit.Emit("addToCart", json =>
        {
            json.Text("productId", product.Id);
            json.Text("productName", product.Name);
            json.WriteNumber("quantity", quantity);
            json.Long("priceCents", Price(product));
            json.Text("currency", Currency);
            json.Text("cartId", CartId);
        });
    }

    /// <summary>Goes as far as this shopper goes. False when the app crashed on the way.</summary>
    public bool Run()
    {
        if (_items.Count == 0 || !chance.Chance(0.75))
            return true;
        visit.Wait(10);
        visit.Screen("Cart", "/cart");
        Remove();
        if (_items.Count == 0 || !chance.Chance(0.62 * visit.Shopper.Eagerness))
            return true;
        Start();
        if (!visit.Shopper.Registered && chance.Chance(0.65))
            visit.SignUp();
        for (var step = 0; step < Steps.Length; step++)
        {
            if (visit.Broken && visit.Crashes())
                return false;
            if (!chance.Chance(StaysAt(step)))
                return true;
            Take(step);
        }
        Pay();
        return true;
    }

    private double StaysAt(int step) => visit.Shopper.Device.Platform switch
    {
        Platform.Ios => 0.92,
        Platform.Android => 0.87,
        _ => 0.85,
    } - 0.02 * step;

    private void Remove()
    {
        if (!chance.Chance(0.14))
            return;
        var (product, quantity) = _items[^1];
        _items.RemoveAt(_items.Count - 1);
        visit.Wait(8);
        visit.Emit("removeFromCart", json =>
        {
            json.Text("productId", product.Id);
            json.WriteNumber("quantity", quantity);
            json.Text("cartId", CartId);
            json.Text("reason", chance.Chance(0.5) ? "price" : "changed_mind");
        });
    }

    private void Start()
    {
        visit.Wait(9);
        visit.Tap("checkout", "Check out");
        visit.Emit("checkoutStart", json =>
        {
            json.Text("cartId", CartId);
            json.WriteNumber("itemCount", Count);
            json.Long("totalCents", Total);
            json.Text("currency", Currency);
        });
    }

    private void Take(int step)
    {
        visit.Screen("Checkout", $"/checkout/{Steps[step]}");
        var from = visit.EndMs;
        visit.Wait(step == 0 ? 45 : 20);
        visit.Emit("checkoutStep", json =>
        {
            json.Text("cartId", CartId);
            json.WriteNumber("stepNumber", step + 1);
            json.Text("stepName", Steps[step]);
            json.Long("stepDurationMs", visit.EndMs - from);
        });
    }

    private void Pay()
    {
        var method = chance.Chance(0.55) ? "card" : chance.Chance(0.6) ? "paypal" : "wallet";
        for (var attempt = 0; attempt < 2; attempt++)
        {
            visit.Wait(15);
            if (!chance.Chance(visit.Broken ? 0.7 : 0.05))
            {
                Order(method);
                return;
            }
            visit.Emit("purchaseFailed", json =>
            {
                json.Text("cartId", CartId);
                json.Text("errorCode", visit.Broken ? "payment_timeout" : "card_declined");
                json.Text("errorMessage", visit.Broken ? "The payment sheet did not answer" : "The card was declined");
                json.Text("paymentMethod", method);
                json.WriteNumber("checkoutStep", Steps.Length);
            });
            if (!chance.Chance(0.5))
                return;
        }
    }

    private void Order(string method)
    {
        visit.Emit("purchaseComplete", json =>
        {
            json.Text("orderId", $"order-{visit.Session}");
            json.Text("cartId", CartId);
            json.WriteNumber("itemCount", Count);
            json.Long("totalCents", Total);
            json.Text("currency", Currency);
            json.Text("paymentMethod", method);
            json.WriteStartArray("items");
            foreach (var (product, quantity) in _items)
                Item(json, product, quantity);
            json.WriteEndArray();
        });
        visit.Wait(2);
        visit.Screen("Order confirmation", "/checkout/done");
    }

    private void Item(Utf8JsonWriter json, Product product, int quantity)
    {
        json.WriteStartObject();
        json.Text("productId", product.Id);
        json.Text("productName", product.Name);
        json.WriteNumber("quantity", quantity);
        json.Long("priceCents", Price(product));
        json.WriteEndObject();
    }

    private long Price(Product product) => product.PriceIn(visit.Shopper.Market);
}

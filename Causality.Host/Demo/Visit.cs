using System.Text.Json;

namespace Causality.Host.Demo;

/// <summary>
/// One session of one shopper, from opening the shop to leaving it. Browsing is here, the way from cart to order in
/// <see cref="Checkout"/>. <see cref="Emit"/> and <see cref="Wait"/> are all they do to the world.
/// </summary>
internal sealed class Visit
{
    private readonly Shop _shop;
    private readonly Shopper _shopper;
    private readonly SplitMix _chance;
    private readonly Release _release;
    private readonly EventJson _json;
    private readonly string _network;
    private readonly long _start;
    private readonly List<DemoEvent> _events = [];
    private string _screen = "";
    private Page? _page;

    public Visit(Shop shop, Shopper shopper, long start)
    {
        (_shop, _shopper, _chance, _start, EndMs) = (shop, shopper, shopper.Chance, start, start);
        _release = shop.Releases.On(shopper.Device.Platform, shopper.UpdateAfterDays, start);
        Session = shop.NextSession();
        _json = new EventJson(shop, shopper, Session);
        _network = Network();
    }

    public string Session { get; }

    public Shopper Shopper => _shopper;

    public long EndMs { get; private set; }

    private bool IsWeb => _shopper.Device.Platform == Platform.Web;

    /// <summary>True for the week's broken release: its payment hangs and it crashes.</summary>
    public bool Broken => _release.Broken;

    /// <summary>What happened, in order; to be asked once.</summary>
    public IReadOnlyList<DemoEvent> Events()
    {
        Open();
        var cart = new Checkout(this, _chance);
        if (Browse(cart) && cart.Run() && !IsWeb)
            Emit("appBackground", json =>
            {
                json.Long("foregroundDurationMs", EndMs - _start);
                json.Text("currentScreen", _screen);
            });
        _shopper.Visits++;
        return _events;
    }

    public void Wait(double meanSeconds) => EndMs += 250 + (long)(Math.Min(_chance.Exponential(meanSeconds), 900) * 1000);

    public void Emit(string payload, Action<Utf8JsonWriter> fields) =>
        _events.Add(new DemoEvent(EndMs, _json.Write(EndMs, _release, _network, _page, payload, fields)));

    public void Screen(string name, string path)
    {
        if (IsWeb)
            _page = new Page(path, $"{name} – Causality Outfitters", _page is null ? _shopper.Source.Referrer : $"https://shop.example{_page.Path}", _page is null ? _shopper.Source : null);
        var previous = _screen;
        _screen = name;
        Emit("screenView", json =>
        {
            json.Text("screenName", name);
            json.Text("previousScreen", previous);
        });
    }

    public void Tap(string button, string text) => Emit("buttonTap", json =>
    {
        json.Text("buttonId", button);
        json.Text("buttonText", text);
        json.Text("screenName", _screen);
    });

    public void SignUp()
    {
        Wait(30);
        _shopper.Registered = true;
        Emit("userSignup", json =>
        {
            json.Text("userId", $"u-{_shopper.Number}");
            json.Text("method", _chance.Chance(0.6) ? "email" : _chance.Chance(0.6) ? "google" : "apple");
            json.Text("referralSource", _shopper.Source.UtmSource);
        });
    }

    /// <summary>True when the app has crashed, which ends the visit.</summary>
    public bool Crashes()
    {
        if (!_chance.Chance(IsWeb ? 0.0002 : Broken ? 0.022 : 0.0008))
            return false;
        Wait(2);
        var hung = Broken && _chance.Chance(0.8);
        Emit("appCrash", json =>
        {
            json.Text("crashType", hung ? "NullPointerException" : IsWeb ? "TypeError" : "OutOfMemory");
            json.Text("crashMessage", hung ? "PaymentSheet was destroyed" : IsWeb ? "undefined is not a function" : "allocation failed");
            json.Text("stackTrace", hung ? "at shop.checkout.PaymentSheet.onResume(PaymentSheet.kt:118)" : "at shop.images.Loader.decode");
            json.Text("currentScreen", _screen);
        });
        return true;
    }

    private void Open()
    {
        if (!IsWeb)
        {
            Emit("appStart", json =>
            {
                json.WriteBoolean("isColdStart", _chance.Chance(0.7));
                json.Long("launchDurationMs", 250 + (long)_chance.Exponential(500));
                json.Text("launchSource", _shopper.Visits > 0 && _chance.Chance(0.2) ? "push" : "icon");
            });
            Wait(1);
        }
        Screen("Home", "/");
        if (!IsWeb && _shopper.Visits == 0)
            AskPermission();
        if (_shopper.Registered && _chance.Chance(0.2))
        {
            Wait(12);
            Emit("userLogin", json =>
            {
                json.Text("userId", $"u-{_shopper.Number}");
                json.Text("method", _chance.Chance(0.7) ? "email" : "google");
            });
        }
    }

    private void AskPermission()
    {
        Wait(4);
        Emit("permissionRequest", json =>
        {
            json.Text("permissionType", "notifications");
            json.Text("triggerScreen", _screen);
        });
        Wait(3);
        Emit("permissionResult", json =>
        {
            json.Text("permissionType", "notifications");
            json.Text("status", _chance.Chance(0.55) ? "PERMISSION_STATUS_GRANTED" : "PERMISSION_STATUS_DENIED");
        });
    }

    // Answers false when the visit broke off.
    private bool Browse(Checkout cart)
    {
        for (var more = IsWeb ? 0.78 : 0.83; _chance.Chance(more);)
        {
            Wait(18);
            if (Crashes())
                return false;
            var what = _chance.Unit();
            if (what < 0.18)
                Search();
            else if (what < 0.42)
            {
                var category = _chance.Pick(Catalog.Categories);
                Screen("Category", $"/c/{category}");
                Scroll();
            }
            else if (what < 0.435)
                Subscribe();
            else
                Look(cart);
        }
        return true;
    }

    private void Look(Checkout cart)
    {
        var product = _shop.Catalog.Pick(_chance);
        var from = _screen;
        Screen("Product", $"/p/{product.Id}");
        EndMs += 120;
        Emit("productView", json =>
        {
            json.Text("productId", product.Id);
            json.Text("productName", product.Name);
            json.Text("category", product.Category);
            json.Long("priceCents", product.PriceIn(_shopper.Market));
            json.Text("currency", _shopper.Market.Currency);
            json.Text("source", from == "Search" ? "search" : from == "Category" ? "category" : "recommendation");
        });
        Scroll();
        if (_chance.Chance(0.06))
        {
            Wait(6);
            Tap("wishlist", "Save for later");
        }
        if (_chance.Chance(0.13 * _shopper.Eagerness))
            cart.Add(product);
    }

    private void Search()
    {
        var query = _chance.Pick(Catalog.Categories);
        Screen("Search", $"/search?q={query}");
        EndMs += 300;
        Emit("customEvent", json =>
        {
            json.Text("eventName", "search");
            json.WriteStartObject("stringParams");
            json.Text("query", query);
            json.WriteEndObject();
            json.WriteStartObject("intParams");
            json.Long("results", _chance.Below(80));
            json.WriteEndObject();
        });
    }

    private void Subscribe()
    {
        Emit("customEvent", json =>
        {
            json.Text("eventName", "newsletter_subscribed");
            json.WriteStartObject("stringParams");
            json.Text("placement", _screen.ToLowerInvariant());
            json.WriteEndObject();
        });
    }

    private void Scroll()
    {
        if (!_chance.Chance(0.3))
            return;
        Wait(8);
        Emit("scrollEvent", json =>
        {
            json.Text("screenName", _screen);
            json.WriteNumber("scrollDepthPercent", 10 + 10 * _chance.Below(10));
            json.Text("direction", "SCROLL_DIRECTION_DOWN");
        });
    }

    private string Network()
    {
        var at = _chance.Unit();
        return at < 0.6 ? "NETWORK_TYPE_WIFI"
            : IsWeb ? at < 0.85 && _shopper.Device.Width > 1000 ? "NETWORK_TYPE_ETHERNET" : "NETWORK_TYPE_CELLULAR_4G"
            : at < 0.82 ? "NETWORK_TYPE_CELLULAR_4G" : "NETWORK_TYPE_CELLULAR_5G";
    }
}
